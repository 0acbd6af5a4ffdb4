"""Who was called, who can be compared, and what outages do to loads."""

from pathlib import Path
from typing import Any

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.events import Event, Outages
from reporter.events.loads import Loads, check_called, load_events
from reporter.readings import open_engine, read
from reporter.targets.participation.history import read_enrolment

SETTINGS = builders.settings(readings__timezone="America/New_York")
FRAME = builders.long_table(customers=6, days=10)  # from Monday 2026-07-06
IDS = sorted(FRAME["customer_id"].unique())
START = pd.Timestamp("2026-07-10 16:00")
EVENT = Event(START, START + pd.Timedelta(hours=4), "cpp")


def loaded(tmp_path: Path, events: list[Event], history: str = "", **given: Any) -> Loads:
    frame = given.pop("frame", FRAME)
    past = None
    if history:
        path = tmp_path / "enrolment.csv"
        path.write_text(
            "customer_id,program,offered,enrolled,enrolled_on,opted_out\n" + history, encoding="utf-8"
        )
        past = read_enrolment(path, SETTINGS)
    with open_engine(SETTINGS.running) as engine:
        readings = read([builders.parquet(frame, tmp_path)], engine, SETTINGS)
        attributes, outages = given.get("attributes"), given.get("outages")
        return load_events(events, outages, past, attributes, None, readings, engine, SETTINGS)


def test_enrolled_by_the_day_of_the_event_and_not_opted_out(tmp_path: Path) -> None:
    history = (
        f"{IDS[0]},cpp,2026-01-01,true,2026-02-01,false\n"
        f"{IDS[1]},cpp,2026-01-01,true,2026-07-11,false\n"  # too late
        f"{IDS[2]},cpp,2026-01-01,true,2026-02-01,true\n"  # left
        f"{IDS[3]},tou,2026-01-01,true,2026-02-01,false\n"  # another program
        f"{IDS[4]},cpp,2026-01-01,false,,false\n"
    )
    loads = loaded(tmp_path, [EVENT], history)
    (called,) = loads.events
    assert list(called.places) == [0]
    assert called.hours == (16, 17, 18, 19)
    assert called.day == 4
    # Only who never was in a program is compared with.
    assert list(loads.rows[loads.pool]) == [4, 5]
    assert loads.opted_out == 1
    assert np.isnan(loads.ordinary[0, 4]).all()
    assert not np.isnan(loads.kw[0, 4]).any()


def test_the_customer_file_says_who_takes_part_where_there_is_no_history(tmp_path: Path) -> None:
    attributes = pd.DataFrame({"customer_id": IDS, "enrolled": [True, True, False, False, False, False]})
    loads = loaded(tmp_path, [EVENT], attributes=attributes)
    assert list(loads.events[0].places) == [0, 1]
    assert loads.pool.sum() == 4


def test_events_that_name_their_customers_need_nothing_else(tmp_path: Path) -> None:
    named = Event(START, START + pd.Timedelta(hours=1), None, frozenset({IDS[2], "nobody"}))
    check_called([named], None, None, SETTINGS, "events.csv")
    loads = loaded(tmp_path, [named])
    assert list(loads.events[0].places) == [2]
    assert loads.events[0].called == 2
    with pytest.raises(DataError, match="who was called is not known"):
        check_called([EVENT], None, None, SETTINGS, "events.csv")


def test_events_outside_and_off_the_hour_are_said(tmp_path: Path) -> None:
    late = Event(START + pd.Timedelta(days=60), START + pd.Timedelta(days=60, hours=4), "cpp")
    odd = Event(START + pd.Timedelta(minutes=30), START + pd.Timedelta(hours=3, minutes=30), "cpp")
    loads = loaded(tmp_path, [odd, late], f"{IDS[0]},cpp,2026-01-01,true,2026-02-01,false\n")
    assert [called.hours for called in loads.events] == [(17, 18)]
    names = [finding.name for finding in loads.findings]
    assert names == ["events-outside-period", "event-hours-left-out"]
    other = Event(START, START + pd.Timedelta(hours=1), "unheard-of")
    loads = loaded(tmp_path, [other], f"{IDS[0]},cpp,2026-01-01,true,2026-02-01,false\n")
    assert [finding.name for finding in loads.findings] == ["event-program-unknown"]


def test_an_outage_takes_its_days_out_and_explains_zero_readings(tmp_path: Path) -> None:
    frame = FRAME.copy()
    first = frame["customer_id"] == IDS[0]
    frame.loc[first & frame["timestamp"].between("2026-07-08 14:00", "2026-07-08 15:00"), "kwh"] = 0.0
    frame.loc[first & (frame["timestamp"] == "2026-07-09 03:00"), "kwh"] = 0.0
    cut = pd.DataFrame(
        {
            "customer_id": [IDS[0]],
            "start": [pd.Timestamp("2026-07-08 13:30")],
            "end": [pd.Timestamp("2026-07-08 16:00")],
        }
    )
    loads = loaded(tmp_path, [], frame=frame, outages=Outages(cut))
    assert len(loads.rows) == 1
    assert np.isnan(loads.kw[0, 2]).all()
    assert np.isnan(loads.kw).sum() == 24
    (finding,) = loads.findings
    assert finding.name == "outages-known"
    assert finding.data == {"outages": 1, "customers": 1, "zero_hours": 3, "explained": 2}


def test_outages_on_another_clock_are_noticed(tmp_path: Path) -> None:
    starts = [pd.Timestamp("2026-07-08 12:00"), pd.Timestamp("2026-07-09 12:00")]
    cuts = pd.DataFrame(
        {"customer_id": IDS[:2], "start": starts, "end": [start + pd.Timedelta(hours=8) for start in starts]}
    )
    loads = loaded(tmp_path, [], outages=Outages(cuts))
    assert [finding.name for finding in loads.findings] == ["outages-known", "outages-with-load"]
