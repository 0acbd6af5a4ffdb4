"""One property, end to end: the cells of the profiles hold the energy and the time of the readings used, each interval in the local
hour of its start, whatever the zone, the clock of the stamps, the length of the intervals and the unit."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import builders
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

# A change of clocks in 2026 by zone, and a day without; the offset that is kept all year where clocks are not changed.
ZONES = {
    "America/New_York": ([date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4)], "-05:00"),
    "Europe/London": ([date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 30)], "+00:00"),
    "Australia/Sydney": ([date(2026, 4, 5), date(2026, 10, 4), date(2026, 1, 2)], "+10:00"),
    "Asia/Kolkata": ([date(2026, 3, 29), date(2026, 8, 15)], "+05:30"),
    "Pacific/Chatham": ([date(2026, 4, 5), date(2026, 9, 27), date(2026, 2, 27)], "+12:45"),
}
LENGTHS = (5, 10, 15, 20, 30, 60)


class Case(NamedTuple):
    zone: str
    """Of the report."""
    clock: str
    """Of the stamps: a zone or an offset (naive stamps), ``utc`` or ``offset`` (stamps that say it)."""
    first: datetime
    days: int
    lengths: tuple[int, int, int]
    """Of two customers, and of a third from the middle of the time on, who begins like the first."""
    late: int
    """Minutes past the hour at which hourly intervals begin."""
    stamps: str
    unit: str
    seed: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(sorted(ZONES)))
    other = draw(st.sampled_from(sorted(ZONES)))
    clock = draw(st.sampled_from([name, name, other, ZONES[name][1], "utc", "offset"]))
    days = draw(st.sampled_from([4, 6]))
    changing = draw(st.sampled_from(ZONES[draw(st.sampled_from([name, other]))][0]))
    return Case(
        zone=name,
        clock=clock,
        first=datetime.combine(changing - timedelta(days=draw(st.integers(1, days - 2))), datetime.min.time(), UTC),
        days=days,
        lengths=draw(st.tuples(*[st.sampled_from(LENGTHS)] * 3)),
        late=draw(st.sampled_from([0, 0, 15, 30])),
        stamps=draw(st.sampled_from(["start", "end"])),
        unit=draw(st.sampled_from(["kwh", "wh", "kw"])),
        seed=draw(st.integers(0, 1000)),
    )  # fmt: skip


def on(clock: str, instants: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Instants on a clock, without a zone."""
    if clock[0] in "+-":
        shift = timedelta(hours=int(clock[1:3]), minutes=int(clock[4:]))
        return instants.tz_localize(None) + (-shift if clock[0] == "-" else shift)
    return instants.tz_convert(clock).tz_localize(None)


def readings_of(case: Case) -> pd.DataFrame:
    """One row a reading: customer_id, start (instant), minutes, value in millionths of the unit."""
    rows = []
    rng = np.random.default_rng(case.seed)
    ruled = case.clock if case.clock not in ("utc", "offset") else "UTC"
    whole = pd.date_range(case.first, periods=case.days * 12 * 24, freq="5min")
    # Days as the clock of the stamps has them, so that the third customer's length changes between two of them.
    middle = whole[on(ruled, whole) >= pd.Timestamp(case.first.date() + timedelta(days=case.days // 2))][0]
    first, second, third = case.lengths
    spans = {"A": [(whole[0], None, first)], "B": [(whole[0], None, second)]}
    # A grid that moves without a change of length is no even grid, and leaves a customer out.
    spans["C"] = (
        [(whole[0], None, first)] if first == third else [(whole[0], middle, first), (middle, None, third)]
    )
    for customer, parts in spans.items():
        for begin, end, minutes in parts:
            late = case.late if minutes == 60 and len(set(case.lengths)) > 0 and customer != "C" else 0
            begin = begin + pd.Timedelta(minutes=late)
            last = (end or whole[-1]) - pd.Timedelta(minutes=minutes - 5 if end is None else minutes)
            starts = pd.date_range(begin, last, freq=f"{minutes}min")
            rows.append(
                pd.DataFrame(
                    {
                        "customer_id": customer,
                        "start": starts,
                        "minutes": minutes,
                        "micro": rng.integers(-500, 2000, len(starts)) * 1000,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def write(case: Case, known: pd.DataFrame, path: Path) -> Path:
    instants = pd.DatetimeIndex(known["start"])
    if case.stamps == "end":
        instants = instants + pd.to_timedelta(known["minutes"].to_numpy(), unit="min")
    values = known["micro"] / 1e6 * (1000 if case.unit == "wh" else 1)
    frame = pd.DataFrame({"customer_id": known["customer_id"], case.unit: values})
    path.parent.mkdir(exist_ok=True)
    if case.clock == "offset":
        frame["timestamp"] = [stamp.isoformat() for stamp in instants.tz_convert(case.zone)]
        frame.to_csv(path.with_suffix(".csv"), index=False)
        return path.with_suffix(".csv")
    frame["timestamp"] = instants if case.clock == "utc" else on(case.clock, instants)
    frame["timestamp"] = frame["timestamp"].astype(f"datetime64[us{', UTC' if case.clock == 'utc' else ''}]")
    frame.to_parquet(path, index=False)
    return path


def cells_of(case: Case, known: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(3, 2, 24) energy [kWh] and hours by customer, day type and local hour, by the standard library alone."""
    here = ZoneInfo(case.zone)
    ends = pd.to_timedelta(known["minutes"] if case.stamps == "end" else 0 * known["minutes"], unit="min")
    energy = known["micro"] / 1e6 * (known["minutes"] / 60 if case.unit == "kw" else 1)
    if case.clock not in ("utc", "offset"):
        # Two readings with one stamp can't be told apart, so each of their places gets half.
        stamps = on(case.clock, pd.DatetimeIndex(known["start"] + ends))
        energy = energy.groupby([known["customer_id"], stamps.to_numpy()]).transform("mean")
    kwh, hours = np.zeros((3, 2, 24)), np.zeros((3, 2, 24))
    local = [start.to_pydatetime().astimezone(here) for start in known["start"]]
    for customer, moment, value, minutes in zip(
        known["customer_id"], local, energy, known["minutes"], strict=True
    ):
        place = ("ABC".index(customer), int(moment.weekday() >= 5), moment.hour)
        kwh[place] += value
        hours[place] += minutes / 60
    return kwh, hours


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("energy")


@settings(
    max_examples=18,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # a case is whole files, and says enough as it is
)
@given(case=cases())
@example(
    case=Case(
        "Pacific/Chatham", "+12:45", datetime(2026, 4, 3, tzinfo=UTC), 6, (20, 60, 20), 0, "end", "wh", 807
    )
)
def test_cells_hold_the_energy_and_the_time_of_the_readings(case: Case, folder: Path) -> None:
    known = readings_of(case)
    naive = case.clock not in ("utc", "offset")
    profiles, _ = builders.profiled(
        write(case, known, folder / "readings.parquet"),
        readings__timezone=case.zone,
        readings__stamps=case.stamps,
        **({"readings__source_timezone": case.clock} if naive else {}),
    )
    assert list(profiles.customer_id) == ["A", "B", "C"]
    kwh, hours = cells_of(case, known)
    np.testing.assert_allclose(profiles.hours, hours, rtol=1e-6)
    np.testing.assert_allclose(profiles.energy_kwh, kwh, rtol=1e-5, atol=2e-5)
    assert profiles.readings_used == len(known)
    factor = known["minutes"] / 60 if case.unit == "kw" else 1
    total = (known["micro"] / 1e6 * factor).groupby(known["customer_id"]).sum()
    np.testing.assert_allclose(profiles.import_kwh - profiles.export_kwh, total, rtol=1e-9, atol=1e-5)
    np.testing.assert_allclose(profiles.energy_kwh.sum(axis=(1, 2)), total, rtol=1e-5, atol=1e-4)
