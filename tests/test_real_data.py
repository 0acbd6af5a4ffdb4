"""The two real Parquet sets, where they are: totals as counted from the files, and a run without special handling."""

import time
from pathlib import Path

import builders
import pytest

from reporter.errors import DataError
from reporter.run import read_run

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
    assert "continuum" in {finding.name for finding in facts.quality.findings}
    assert len({segment.title for segment in facts.segments}) == len(facts.segments)
    assert facts.selection.halves_agreement is not None
    ids = [segment["segment_id"] for segment in run.segmentation.segments]
    again = run.segmentation.apply(run.profiles)
    assert [ids[place] for place in again] == list(run.profiles["segment_id"])


# customers, readings, kWh taken, kWh sent
SMALL_SETS = {
    "greenbutton/15minLP_15Days.xml": (1, 1_340, 1_397.734, 0),
    "greenbutton/1hrLP_32DaysFiveUsagePoints_M.xml": (5, 3_840, 34_739.626, 0),
    "greenbutton/Coastal_Single_Family_Jan_1_2011_to_Jan_1_2012.xml": (1, 8_760, 6_562.977, 0),
    "greenbutton/Desert_Multi_Family_Jan_1_2011_to_Jan_1_2012.xml": (1, 8_760, 5_219.781, 0),
    "greenbutton/hourlyForMonthMar.xml": (1, 743, 2_278.213, 0),
    "greenbutton/hourlyForMonthNov.xml": (1, 721, 2_213.810, 0),
    "nem12/Example_NEM12_ManyNMIs.zip": (99, 57_024, None, 0),
    "nem12/Example_NEM12_month_solar.csv": (1, 2 * 8_928, 270.738, 589.172),
    "nem12/Example_NEM12_multiple_meters.csv": (2, 768, 1.92 + 19.2, 1.92 + 3.84),
    "nem12/Example_NEM12_different_interval_length.csv": (1, 96, None, 0),
    "nem12/Example_different_intervals.zip": (1, 96, 376, 0),
    "nem12/Example_NEM12_actual_interval.csv": (1, 48, 1.111 * 48, 0),
    "nem12/Example_NEM12_multiple_quality.csv": (1, 48, None, 0),
    "nem12/Example_NEM12_substituted_interval.csv": (1, 48, 2.312 * 48, 0),
}
REFUSED = {
    "greenbutton/1dayLP_45Days.xml": "each reading is of 24 hours",
    "greenbutton/Gas.xml": "readings of gas; reporter reads electricity only",
    "greenbutton/Water.xml": "readings of water; reporter reads electricity only",
    "nem12/Example_NEM13_consumption_data.csv": "NEM13 holds accumulated readings",
    "nem12/invalid/Example_NEM12_15min_200_30min_300.csv": "line 3: a day of another number of values than the 96",
    "nem12/invalid/Example_NEM12_15min_200_30min_400.csv": "no record 400 says of what quality",
    "nem12/invalid/Example_NEM12_30min_200_15min_300.csv": "line 3: a day of another number of values than the 48",
    "nem12/invalid/Example_NEM12_30min_200_15min_400.csv": "line 3: a day of another number of values than the 48",
    "nem12/invalid/Example_NEM12_empty.csv": "no interval reading",
    "nem12/invalid/Example_NEM12_incomplete_interval.csv": "line 3: a day of another number of values than the 48",
    "nem12/invalid/Example_NEM12_missing_header.csv": "header .* is missing",
    "nem12/invalid/Example_NEM12_powercor.csv": "header .* is missing",
    "nem12/invalid/Example_NEM12_powercor_missing_fields.csv": "header .* is missing",
    "nem12/invalid/Example_empty_file.csv": "the file is empty",
}


@pytest.mark.parametrize("name", list(SMALL_SETS))
def test_single_files_are_read_without_flags(name: str, real_data: Path) -> None:
    customers, readings, import_kwh, export_kwh = SMALL_SETS[name]
    audit = builders.audited(real_data / name)
    assert len(audit.customers) == customers
    # An interval of 7,200 s and one of 0 s in two of the files are readings like the others.
    assert audit.readings_read == readings
    assert import_kwh is None or audit.import_kwh == pytest.approx(import_kwh, abs=0.0006)
    assert audit.export_kwh == pytest.approx(export_kwh, abs=0.0006)


def test_the_batch_feed_has_a_point_that_flows_the_other_way(real_data: Path) -> None:
    audit = builders.audited(real_data / "greenbutton" / "BatchFeedThreeUsagePoints_M.xml")
    assert len(audit.customers) == 3
    assert audit.readings_read == 384
    assert audit.import_kwh + audit.export_kwh == pytest.approx(211.560, abs=0.0006)
    assert (audit.customers["export_kwh"] > 0).sum() == 1


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_no_interval_data_of_electricity_is_refused(name: str, real_data: Path) -> None:
    with pytest.raises(DataError, match=REFUSED[name]):
        builders.audited(real_data / name)


def test_a_folder_of_feeds_is_read_at_once(real_data: Path) -> None:
    names = [name for name in SMALL_SETS if name.endswith(".xml")]
    audit = builders.audited([real_data / name for name in names])
    assert len(audit.customers) == sum(SMALL_SETS[name][0] for name in names)
    assert audit.readings_read == sum(SMALL_SETS[name][1] for name in names)


def test_the_duplicates_of_sgsc_are_found(real_data: Path) -> None:
    # Each pair is on a day on which the clock went forward, where two readings carry one stamp.
    found, readings = builders.cells(real_data / "sgsc80.parquet", readings__timezone="Australia/Sydney")
    data = {finding.name: finding.data for finding in readings.findings}
    assert data["duplicates"]["readings"] == 2
    # The other 74 are an hour of their own, stamped an hour early: no energy is lost with them.
    assert data["spring-hour-recovered"]["readings"] == 74
    assert found["n"].sum() == 2_153_094 - 2


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
