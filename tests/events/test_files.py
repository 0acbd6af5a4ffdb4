"""Events and outages, as they come in files."""

from pathlib import Path

import builders
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.events import Event, read_events, read_outages

NEW_YORK = builders.settings(readings__timezone="America/New_York")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_an_event_calls_all_who_are_enrolled(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "start,end,program\n2026-07-17 16:00,2026-07-17 20:00,cpp\n2026-07-02 16:00,2026-07-02 18:00,cpp\n",
    )
    assert read_events(path, NEW_YORK) == [
        Event(pd.Timestamp("2026-07-02 16:00"), pd.Timestamp("2026-07-02 18:00"), "cpp"),
        Event(pd.Timestamp("2026-07-17 16:00"), pd.Timestamp("2026-07-17 20:00"), "cpp"),
    ]


def test_a_row_a_customer_names_who_was_called(tmp_path: Path) -> None:
    span = "2026-07-17 16:00,2026-07-17 20:00"
    path = written(
        tmp_path,
        f"meter_id,start,end\n007,{span}\n12,{span}\n12,{span}\n12,2026-07-18 16:00,2026-07-18 17:00\n",
    )
    called = [event.customers for event in read_events(path, NEW_YORK)]
    assert called == [frozenset({"007", "12"}), frozenset({"12"})]


def test_intervals_of_an_event_become_the_event(tmp_path: Path) -> None:
    rows = [f"A,2026-07-17 {clock},1" for clock in ("14:30", "14:00", "15:00", "15:30")]
    rows += [f"B,2026-07-17 {clock},1" for clock in ("14:00", "15:30")]  # the key joins what is missing
    rows += [
        f"A,2026-07-17 {clock},2" for clock in ("16:00", "16:30")
    ]  # another key parts what follows at once
    path = written(tmp_path, "customer_id,timestamp,event_key\n" + "\n".join(rows) + "\n")
    first, second = read_events(path, NEW_YORK)
    assert (first.start, first.end) == (pd.Timestamp("2026-07-17 14:00"), pd.Timestamp("2026-07-17 16:00"))
    assert first.customers == {"A", "B"}
    assert (second.start, second.end) == (pd.Timestamp("2026-07-17 16:00"), pd.Timestamp("2026-07-17 17:00"))


def test_without_a_key_intervals_that_follow_one_another_are_an_event(tmp_path: Path) -> None:
    rows = [f"A,2026-07-17 {clock}" for clock in ("14:00", "14:30", "17:00", "17:30")]
    path = written(tmp_path, "customer_id,timestamp\n" + "\n".join(rows) + "\n")
    assert [(event.start.hour, event.end.hour) for event in read_events(path, NEW_YORK)] == [
        (14, 15),
        (17, 18),
    ]


@pytest.mark.parametrize("stamps", [None, "end"])
def test_times_are_moments_on_the_local_clock_whatever_the_meters_clock(
    stamps: str | None, tmp_path: Path
) -> None:
    settings = builders.settings(
        readings__timezone="America/New_York", readings__source_timezone="+00:00", readings__stamps=stamps
    )
    naive = written(tmp_path, "start,end\n2026-07-17 16:00,2026-07-17 20:00\n")
    assert read_events(naive, settings)[0].start == pd.Timestamp("2026-07-17 16:00")
    aware = written(tmp_path, "start,end\n2026-07-17T20:00Z,2026-07-18T00:00Z\n")
    assert read_events(aware, settings)[0].start == pd.Timestamp("2026-07-17 16:00")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("start,end\n2026-07-17 16:00,2026-07-17 16:00\n", "line 2: the event ends before it starts, or when it starts"),
        ("start,end\n2026-07-17 16:00,2026-07-19 16:00\n", "line 2: the event lasts longer than 1 day"),
        ("start,end\n2026-07-17 16:00,\n", "line 2: the cell in column 'end' is empty"),
        ("start,finished\n2026-07-17 16:00,2026-07-17 18:00\n", "no column 'end'"),
        ("customer_id,timestamp\nA,2026-07-17\nA,2026-07-18\n", "neither a column 'end' nor intervals of an hour or less"),
        ("customer_id,timestamp,event\nA,2026-07-17 14:00,1\nA,2026-07-17 14:30,1\nA,2026-07-19 14:00,1\n", "longer than 1 day"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=sentence):
        read_events(written(tmp_path, text), NEW_YORK)


def test_outages(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "customer_id,start,end\nB,2026-07-17 16:10,2026-07-17 20:00\nA,2026-07-01 23:00,2026-07-02 01:00\n",
    )
    frame = read_outages(path, NEW_YORK).frame
    assert list(frame["customer_id"]) == ["A", "B"]
    assert frame["end"][0] == pd.Timestamp("2026-07-02 01:00")
    with pytest.raises(DataError, match="line 2: the outage ends before it starts"):
        read_outages(
            written(tmp_path, "customer_id,start,end\nB,2026-07-17 16:10,2026-07-17 15:00\n"), NEW_YORK
        )


def test_the_trial_in_new_south_wales_had_21_events_of_six_customers(real_data: Path) -> None:
    events = read_events(
        real_data / "sgsc80.events.csv", builders.settings(readings__timezone="Australia/Sydney")
    )
    assert len(events) == 21
    assert len(frozenset[str]().union(*(event.customers or () for event in events))) == 6
