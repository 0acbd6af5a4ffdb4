from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from reporter.targets.event_hours import event_hours

from .street import make_profiles


def test_load_above_baseload_by_hour_and_by_heat() -> None:
    # Two customers, baseloads 0.5 and 0; hours 17 to 20 on 1 to 5 July, on each day as many tenths of a kW more as its number.
    profiles = make_profiles([2.0, 2.0], [0.5, 0.0], [1.0, 1.0])
    starts = sorted(profiles.peak.starts)
    day = np.array([start.day for start in starts])
    hour = np.array([start.hour for start in starts])
    kw = np.stack([0.5 + 0.1 * day, np.where(hour == 20, 0.0, 0.1 * day)])
    profiles = replace(profiles, peak_hours=starts, peak_hours_kw=kw.astype(np.float32))
    temperatures = {date(2026, 7, number): 20.0 + number for number in range(1, 6)}
    found = event_hours(profiles, np.array([0, 0], dtype=np.int32), ["S1"], temperatures)[0]
    assert [(row.number, row.hour, row.days) for row in found.hours] == [
        (1, 17, 5),
        (2, 18, 5),
        (3, 19, 5),
        (4, 20, 5),
    ]
    # 0.1 to 0.5 kW, 0.3 on the mean; in the last hour from one of the two only.
    assert [row.above_baseload_kw for row in found.hours] == pytest.approx([0.3, 0.3, 0.3, 0.15])
    error = 1.6449 * np.std([0.1, 0.2, 0.3, 0.4, 0.5], ddof=1) / np.sqrt(5)
    assert found.hours[0].low_kw == pytest.approx(0.3 - error, abs=1e-4)
    # The two hottest and the two mildest of five days.
    assert found.hot_days_kw == pytest.approx(0.45 * (3 + 0.5) / 4)
    assert found.mild_days_kw == pytest.approx(0.15 * (3 + 0.5) / 4)
    assert found.consistency == pytest.approx(np.mean(np.where(hour == 20, 0.05, 0.1) * day >= 0.2625 / 2))
    none = event_hours(profiles, np.array([0, 0], dtype=np.int32), ["S1"])[0]
    assert (none.hot_days_kw, none.mild_days_kw) == (None, None)
