"""Blocks against loads drawn by hand."""

import numpy as np
import pytest

from reporter.technology.blocks import find_blocks


def day(minutes: int = 60, base: float = 0.3) -> np.ndarray:
    return np.full((1, 2 * 1440 // minutes), base, dtype="float32")


def test_a_block_has_its_power_length_and_energy() -> None:
    load = day()
    load[0, 10:13] += 3.6
    blocks = find_blocks(load, 60)
    assert blocks.customer.tolist() == [0]
    np.testing.assert_allclose([blocks.kw[0], blocks.hours[0], blocks.kwh[0]], [3.6, 3, 10.8], rtol=1e-4)
    np.testing.assert_allclose(blocks.start[0], 10, atol=1e-4)


@pytest.mark.parametrize(("minutes", "share"), [(60, 0.25), (30, 0.6), (15, 0.9)])
def test_an_edge_within_an_interval_costs_neither_energy_nor_time(minutes: int, share: float) -> None:
    load = day(minutes)
    per_hour = 60 // minutes
    begin, full = 10 * per_hour, 3 * per_hour
    load[0, begin] += 7.2 * share
    load[0, begin + 1 : begin + 1 + full] += 7.2
    load[0, begin + 1 + full] += 7.2 * (1 - share)
    blocks = find_blocks(load, minutes)
    assert len(blocks.kw) == 1
    np.testing.assert_allclose(blocks.kw[0], 7.2, rtol=1e-3)
    np.testing.assert_allclose(blocks.kwh[0], 7.2 * (3 + minutes / 60), rtol=0.03)
    np.testing.assert_allclose(blocks.start[0], begin + 1 - share, atol=0.02)


def test_what_rises_slowly_stays_on_or_is_small_is_no_block() -> None:
    slow, on, small = day(), day(), day()
    slow[0, 8:20] += np.interp(np.arange(12), [0, 6, 11], [0, 5, 0])
    on[0, 12:] += 5
    small[0, 10:14] += 1.5
    for load in (slow, on, small):
        assert len(find_blocks(load, 60).kw) == 0
    assert find_blocks(on, 60).rises.tolist() == [1]


def test_a_missing_reading_ends_what_is_known() -> None:
    load = day()
    load[0, 10:14] += 5
    load[0, 12] = np.nan
    assert len(find_blocks(load, 60).kw) == 0
    assert len(find_blocks(np.full((3, 48), np.nan, dtype="float32"), 60).kw) == 0
