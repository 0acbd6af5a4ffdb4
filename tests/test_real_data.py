"""The two real Parquet sets, where they are: totals as counted from the files, and a run without special handling."""

import time
from pathlib import Path

import builders
import pytest

from reporter.run import profile_array, read_run

SETS = {
    "edrp_scotland622": (622, 2_746_752, 601_734.895),
    "sgsc80": (80, 2_153_094, 471_845.331),
}
PLACES = {
    "edrp_scotland622": {"readings__timezone": "Europe/London", "readings__source_timezone": "+00:00"},
    "sgsc80": {"readings__timezone": "Australia/Sydney"},
}


@pytest.mark.parametrize("name", list(SETS))
def test_totals_are_met(name: str, real_data: Path) -> None:
    customers, readings, energy_kwh = SETS[name]
    audit = builders.audited(real_data / f"{name}.parquet")
    assert len(audit.customers) == customers
    assert audit.readings_read == readings
    assert audit.import_kwh == pytest.approx(energy_kwh, abs=0.0006)
    assert audit.export_kwh == 0
    assert audit.interval_minutes == [30]


@pytest.mark.parametrize("name", list(SETS))
@pytest.mark.parametrize("placed", [False, True])
def test_a_run_is_made_without_special_handling(
    name: str, placed: bool, real_data: Path, tmp_path: Path
) -> None:
    customers, readings, energy_kwh = SETS[name]
    flags = {"audit__min_days": 7, "audit__min_customers": 20} | (PLACES[name] if placed else {})
    started = time.monotonic()
    run = read_run(builders.make_run(real_data / f"{name}.parquet", tmp_path / "run", fast=False, **flags))
    assert time.monotonic() - started < 60
    facts = run.facts
    assert facts.quality.customers_read == customers
    assert facts.quality.readings_read == readings
    assert facts.quality.energy_kwh == energy_kwh
    assert len(facts.segments) >= 3
    assert len({segment.title for segment in facts.segments}) == len(facts.segments)
    assert facts.selection.halves_agreement is not None
    ids = [segment["segment_id"] for segment in run.segmentation.segments]
    again = run.segmentation.apply(profile_array(run.profiles))
    assert [ids[place] for place in again] == list(run.profiles["segment_id"])


def test_the_duplicates_of_sgsc_are_found(real_data: Path) -> None:
    # Each pair is on a day on which the clock went forward, where two readings carry one stamp.
    found, readings = builders.cells(real_data / "sgsc80.parquet", readings__timezone="Australia/Sydney")
    duplicates = next(finding for finding in readings.findings if finding.name == "duplicates")
    assert duplicates.data["readings"] == 76
    assert duplicates.data["conflicting"] == 74
    assert found["n"].sum() == 2_153_094 - 76


def test_the_fixed_clock_of_edrp_moves_the_morning_with_the_zone(real_data: Path) -> None:
    """After the change the same habit comes an hour earlier by GMT, and at the same hour by the clock on the wall."""
    found, _ = builders.cells(
        real_data / "edrp_scotland622.parquet",
        readings__timezone="Europe/London",
        readings__source_timezone="+00:00",
    )
    weekdays = found[~found["weekend"]]
    late = weekdays["date"].map(lambda day: (day.month, day.day) >= (3, 30))

    def ramp(frame: object) -> int:
        by_hour = frame.groupby("hour")["micro"].mean()  # type: ignore[attr-defined]
        return int(by_hour.loc[4:10].diff().idxmax())

    assert ramp(weekdays[late]) == ramp(weekdays[~late])
