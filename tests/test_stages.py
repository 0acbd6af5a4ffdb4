"""Progress: what a scheduler, a log and a terminal are told."""

import io
import json
import sys
import time

import pytest

from reporter.cli.progress import progress
from reporter.stages import Clock, Event, quiet


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(clock: Clock) -> None:
    with clock.stage("readings", "Reading"):
        pass
    with clock.stage("report", "Rendering"):
        pass


def test_events_say_what_is_done_and_end_at_one() -> None:
    events: list[Event] = []
    work(Clock(events.append, ["readings", "report"]))
    assert [(event.event, event.stage) for event in events] == [
        ("start", "readings"), ("end", "readings"), ("start", "report"), ("end", "report"),
    ]  # fmt: skip
    shares = [event.share for event in events]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert [event.elapsed for event in events] == sorted(event.elapsed for event in events)
    assert all(event.peak_memory_mb for event in events) or sys.platform == "win32"


def test_a_scheduler_gets_a_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    work(Clock(progress(False, as_json=True), ["readings", "report"]))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["start", "end", "start", "end"]
    assert set(lines[0]) == {"event", "stage", "message", "share", "elapsed", "seconds", "peak_memory_mb"}
    assert lines[0]["seconds"] is None
    assert lines[1]["seconds"] >= 0


def test_a_stage_that_fails_is_told_as_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock(progress(False, as_json=True), ["readings"])
    with pytest.raises(ValueError, match="oh"), clock.stage("readings", "Reading"):
        raise ValueError("oh")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "start",
        "stopped",
    ]
    assert clock.seconds == {}


def test_a_log_gets_a_line_a_stage_and_one_at_intervals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reporter.cli.progress._LOG_S", 0.05)
    with Clock(progress(False), ["readings"]).stage("readings", "Reading"):
        time.sleep(0.18)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Reading …"
    assert len(lines) > 1
    assert all(line.startswith("Reading … 0.") and line.endswith(" s so far") for line in lines[1:])
    work(Clock(progress(True), ["readings", "report"]))
    assert capsys.readouterr().err == ""


def test_a_terminal_keeps_one_line_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    work(Clock(progress(False), ["readings", "report"]))
    lines = terminal.getvalue().split("\n")
    kept = [line.split("\x1b[K")[-1] for line in lines]
    assert kept[0].startswith(" 55%  Reading: 0.0 s")
    assert kept[1].startswith("100%  Rendering: 0.0 s")
    assert len(kept) == 3


def test_nothing_is_told_where_nobody_asks() -> None:
    clock = Clock(quiet, ["readings", "report"])
    work(clock)
    assert set(clock.seconds) == {"readings", "report"}
