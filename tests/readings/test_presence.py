"""What the presence of readings shows, against counts made by hand."""

from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.readings.presence import longest_run, unpack


def test_bits_of_the_engine_come_back_as_places() -> None:
    # Twenty stamps: four ones, then the stamps, the first one first.
    blobs = pd.Series([b"\x04\xf9\x00\x01", b"\x04\xf0\x10\x00"])
    found = np.unpackbits(unpack(blobs, 20), axis=1)[:, :20]
    assert [np.flatnonzero(row).tolist() for row in found] == [[0, 3, 19], [7]]


def test_the_longest_run_by_row_and_between_ends() -> None:
    there = np.array(
        [[1, 1, 0, 0, 1, 0], [0, 0, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]], np.uint8
    )
    assert longest_run(there == 0).tolist() == [2, 3, 0, 6]
    assert longest_run(there == 0, inside=there).tolist() == [2, 1, 0, 0]


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize("stamps", ["start", "end"])
@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata"])
def test_gaps_days_and_coverage(minutes: int, stamps: str, zone: str, tmp_path: Path) -> None:
    frame = builders.long_table(customers=4, days=10, minutes=minutes)
    at = frame["timestamp"]
    gone = {
        "C001": (at >= "2026-07-08 05:00") & (at < "2026-07-10 11:00"),
        "C002": (at < "2026-07-08") | (at.dt.hour == 3),
        # Two gaps of five hours, but a whole day from the first of the readings before to the first after the next.
        "C003": ((at.dt.hour >= 2) & (at.dt.hour < 7) & (at.dt.day >= 14)),
    }
    keep = ~sum((frame["customer_id"] == name) & when for name, when in gone.items()).astype(bool)
    frame = frame[keep]
    if stamps == "end":
        frame["timestamp"] += pd.Timedelta(minutes=minutes)
    path = builders.parquet(frame, tmp_path)
    audit = builders.audited(path, readings__timezone=zone, readings__stamps=stamps)
    found = audit.customers.set_index("customer_id")
    assert found["longest_gap_hours"].tolist() == [0, 54, 1, 5]
    assert found["days"].tolist() == [10, 9, 8, 10]
    assert found.loc["C001", "coverage"] == pytest.approx((10 * 24 - 54) / (9 * 24))
    assert audit.counts["hours"].tolist() == [24, 24, 23, 24]
    presence = audit.presence
    assert presence.metered.tolist() == [3, 3, *[4] * 8]
    per_day = 24 * 60 // minutes
    assert presence.by_day[0] == 3 * per_day
    # The second customer has five hours on the third day, nothing on the fourth, and thirteen hours on the fifth.
    np.testing.assert_allclose(presence.coverage[1, 1:6], [1, 5 / 24, 0, 13 / 24, 1], rtol=1e-6)


def test_a_hole_in_the_files_of_all_customers_is_a_gap(tmp_path: Path) -> None:
    frame = builders.long_table(customers=3, days=10)
    hole = (frame["timestamp"] >= "2026-07-08") & (frame["timestamp"] < "2026-07-11 12:00")
    audit = builders.audited(builders.parquet(frame[~hole], tmp_path))
    assert audit.customers["longest_gap_hours"].tolist() == [84, 84, 84]


def test_many_days_share_columns_of_the_map(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=200)
    frame = frame[(frame["customer_id"] == "C000") | (frame["timestamp"].dt.day_of_week > 0)]
    presence = builders.audited(builders.parquet(frame, tmp_path)).presence
    assert presence.coverage.shape == (2, 67)
    assert presence.columns.tolist()[:7] == [0, 0, 0, 1, 1, 1, 2]
    np.testing.assert_allclose(presence.coverage[:, 0], [1, 2 / 3], rtol=1e-6)
