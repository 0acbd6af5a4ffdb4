"""Commands: exit statuses, what goes to stdout and what to stderr, and how flags are read."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import builders
import pandas as pd
import pytest
import typer

import reporter.pipeline
import reporter.readings
from reporter.cli import app, main, stop
from reporter.errors import UsageError
from reporter.resources import sample_run
from reporter.settings import Resolved

COMMANDS = ["demo", "generate", "compare", "render", "inspect", "sample", "config show"]


class Answer(NamedTuple):
    status: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["reporter", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Answer(int(ended.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter.pipeline, "_render", lambda *_: [])
    monkeypatch.setenv("REPORTER_SEGMENTS__BOOTSTRAPS", "2")
    monkeypatch.setenv("REPORTER_SEGMENTS__K_MAX", "3")


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = builders.long_table(customers=24, days=10)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Europe/London")
    return builders.parquet(frame, tmp_path_factory.mktemp("readings"))


def leaves(command: Any, name: str = "") -> dict[str, Any]:
    if hasattr(command, "commands"):
        found: dict[str, Any] = {}
        for key, inner in command.commands.items():
            found |= leaves(inner, f"{name} {key}".strip())
        return found
    return {name: command}


def test_every_command_has_help_with_an_example_of_itself() -> None:
    commands = leaves(typer.main.get_command(app))
    assert set(COMMANDS) <= set(commands)
    for name, command in commands.items():
        text = command.help or ""
        assert re.search(rf"Example: `reporter {name}\b", text), name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_goes_to_stdout(name: str, call: Call) -> None:
    answer = call(*name.split(), "--help")
    assert answer.status == 0
    assert "Usage" in answer.out
    assert answer.err == ""


def test_nothing_heavy_is_imported_for_help() -> None:
    heavy = [
        "pandas",
        "numpy",
        "sklearn",
        "scipy",
        "matplotlib",
        "weasyprint",
        "ibis",
        "duckdb",
        "pyarrow",
        "pydantic",
        "jinja2",
    ]
    script = f"import sys, reporter.cli; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_package_runs_as_a_module() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "reporter", "--help"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0
    assert "generate" in found.stdout


@pytest.mark.usefixtures("no_drawing")
def test_done_is_0_and_stdout_has_the_folder_alone(readings: Path, call: Call, tmp_path: Path) -> None:
    answer = call("generate", readings, "--timezone", "Europe/London", "--out", tmp_path / "run")
    assert answer.status == 0
    assert answer.out == f"{tmp_path / 'run'}\n"
    assert "Reading and auditing" in answer.err
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["command"].startswith("reporter generate ")
    quiet = call("generate", readings, "--out", tmp_path / "run", "--force", "-q")
    assert (quiet.status, quiet.err) == (0, "")


@pytest.mark.usefixtures("no_drawing")
def test_json_is_the_only_thing_on_stdout(readings: Path, call: Call, tmp_path: Path) -> None:
    answer = call("generate", readings, "--out", tmp_path / "run", "--json")
    result = json.loads(answer.out)
    assert (result["event"], result["run"]) == ("done", str(tmp_path / "run"))
    assert answer.out.count("\n") == 1
    events = [json.loads(line) for line in answer.err.splitlines()]
    assert [event["stage"] for event in events if event["event"] == "end"][:2] == ["readings", "profiles"]
    assert result["quality"]["customers_used"] == 24
    assert result["missing"] == []


@pytest.mark.usefixtures("no_drawing")
def test_findings_are_1_under_strict_and_the_run_is_there(readings: Path, call: Call, tmp_path: Path) -> None:
    answer = call("generate", readings, "--out", tmp_path / "run", "--strict")
    assert answer.status == 1
    assert (tmp_path / "run" / "facts.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--timezone", "Europe/Londn"],
        ["--k", "0"],
        ["--k", "many"],
        ["--k", "25"],
        ["--k-range", "5-3"],
        ["--k-range", "five"],
        ["--peak-season", "sumer"],
        ["--peak-season", "0-3"],
        ["--peak-hours", "16-25"],
        ["--start", "01/07/2026"],
        ["--unit", "joule"],
        ["--encoding", "utf-99"],
        ["--decimal", ";"],
        ["--formats", "docx"],
        ["--memory", "lots"],
        ["--enrolment-rate", "2"],
        ["--config", "none.toml"],
        ["--no-such-flag"],
    ],
)
@pytest.mark.usefixtures("no_drawing")
def test_a_wrong_flag_is_2_and_nothing_is_written(
    arguments: list[str], readings: Path, call: Call, tmp_path: Path
) -> None:
    answer = call("generate", readings, "--out", tmp_path / "out" / "run", *arguments)
    assert answer.status == 2
    assert answer.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("--start", "04/01/2026", "'04/01/2026' is no date; write it as 2026-07-01."),
        ("--unit", "KWH", "'KWH' is not one of 'kwh'"),
    ],
)
def test_a_wrong_value_is_said_in_plain_words(
    flag: str, value: str, words: str, call: Call, tmp_path: Path
) -> None:
    answer = call("generate", "none.csv", flag, value, "--out", tmp_path / "run")
    assert answer.status == 2
    said = " ".join(answer.err.replace("│", " ").split())
    assert words in said
    assert "Value error" not in said


def test_an_optional_file_that_is_not_there_is_named_with_its_flag(
    readings: Path, call: Call, tmp_path: Path
) -> None:
    answer = call("generate", readings, "--system-load", "load.csv", "--out", tmp_path / "run")
    assert answer.status == 3
    assert answer.err == "reporter: load.csv: no such file (given with --system-load); check the path.\n"
    assert not (tmp_path / "run").exists()


def test_an_environment_variable_with_a_slip_is_2(
    readings: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTER_SEGMENTS__KMIN", "3")
    answer = call("inspect", readings)
    assert answer.status == 2
    assert "did you mean 'segments.k_min'" in answer.err


def test_no_arguments_show_help(call: Call) -> None:
    answer = call()
    assert answer.status in (0, 2)
    assert "Usage" in answer.out + answer.err


BAD_DATA: dict[str, str | bytes] = {
    "empty.csv": "",
    "header.csv": "customer_id,timestamp,kwh\n",
    "no-column.csv": "customer_id,timestamp\nA,2026-07-01 00:00\n",
    "text.csv": "customer_id,timestamp,kwh\nA,2026-07-01 00:00,abc\n",
    "ragged.csv": "customer_id,timestamp,kwh\nA,2026-07-01 00:00,1\nA,2026-07-01 01:00\n",
    "one-customer.csv": builders.long_table(customers=1, days=30).to_csv(index=False),
    "two-days.csv": builders.long_table(customers=30, days=2).to_csv(index=False),
    "noise.parquet": b"PAR1 this is no such thing",
    "noise.csv.gz": b"neither is this",
    "nul.csv": "customer_id,timestamp,kwh\n\0,2026-07-01 00:00,1\n",
    "latin.csv": "customer_id,timestamp,kwh\nä,2026-07-01 00:00,1\n".encode("latin-1"),
}


@pytest.mark.parametrize("name", [*BAD_DATA, "missing.csv"])
def test_bad_data_are_3_in_one_sentence_and_nothing_is_written(name: str, call: Call, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    if name in BAD_DATA:
        content = BAD_DATA[name]
        (inside / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    answer = call("generate", inside / name, "--out", tmp_path / "out" / "run", "-q")
    assert answer.status == 3
    assert answer.out == ""
    assert re.fullmatch(r"reporter: [^\n]+\.\n", answer.err)
    assert name in answer.err
    assert "Traceback" not in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_rendering_is_4_and_the_run_says_what_is_missing(
    readings: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter.pipeline, "_render", lambda *_: ["report.pdf: no such luck."])
    answer = call("generate", readings, "--out", tmp_path / "run", "-q")
    assert answer.status == 4
    assert answer.err == "reporter: report.pdf: no such luck.\n"
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["missing"] == [
        "report.pdf: no such luck."
    ]
    assert (tmp_path / "run" / "facts.json").exists()


def test_a_bug_of_ours_is_70_and_says_so(readings: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(reporter.readings, "read_audit", broken)
    answer = call("inspect", readings)
    assert answer.status == 70
    assert "bug of ours (ZeroDivisionError: oh)" in answer.err


def test_the_version_is_told(call: Call) -> None:
    assert re.fullmatch(r"reporter \d+\.\d+\.\d+\n", call("--version").out)


def test_only_what_writes_whole_folders_says_that_nothing_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {}
    for command in ("generate", "demo", "compare", "render", "customer"):
        monkeypatch.setattr(sys, "argv", ["reporter", command, "somewhere"])
        said[command] = stop.sentence()
    assert {said[name] for name in ("generate", "demo", "compare")} == {"stopped; nothing was written."}
    assert {said[name] for name in ("render", "customer")} == {"stopped."}


def test_ctrl_c_ends_with_a_sentence_and_writes_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reporter", "demo", "--out", str(tmp_path / "run")]
    # In the background of a shell Ctrl-C is ignored, and what is started there inherits that.
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as demo:
        assert demo.stderr is not None
        assert "Reading" in demo.stderr.readline()
        demo.send_signal(signal.SIGINT)
        said = demo.stderr.read()
    assert demo.returncode == 130
    assert said.splitlines()[-1] == "reporter: stopped; nothing was written."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_drawing")
def test_a_run_is_replaced_by_force_only(readings: Path, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert call("generate", readings, "--out", out).status == 0
    again = call("generate", readings, "--out", out)
    assert again.status == 2
    assert "--force" in again.err
    assert call("generate", readings, "--out", out, "--force").status == 0


def test_a_dry_run_audits_and_writes_nothing(readings: Path, call: Call, tmp_path: Path) -> None:
    answer = call("generate", readings, "--out", tmp_path / "run", "--dry-run")
    assert answer.status == 0
    assert "24 read, 24 can be used" in answer.out
    assert list(tmp_path.iterdir()) == []


def test_inspect_prints_the_audit(readings: Path, call: Call, tmp_path: Path) -> None:
    answer = call("inspect", readings, "--timezone", "Europe/London")
    assert answer.status == 0
    assert "2026-07-06 to 2026-07-15, 10 days (Europe/London, stamps in UTC)" in answer.out
    assert "60 min (24)" in answer.out
    assert list(tmp_path.iterdir()) == []


def test_inspect_writes_a_page_and_the_customers_only_where_asked(
    readings: Path, call: Call, tmp_path: Path
) -> None:
    page, table = tmp_path / "audit.html", tmp_path / "affected.csv"
    assert call("inspect", readings, "--html", page, "--affected", table, "--audit", "full").status == 0
    text = page.read_text(encoding="utf-8")
    assert "24 of 24" in text
    assert text.count("aria-label=") >= 5
    assert 'http-equiv="Content-Security-Policy"' in text
    assert table.read_text(encoding="utf-8").startswith("customer_id,check,value,unit\n")
    assert call("inspect", readings, "--html", tmp_path / "no" / "audit.html").status == 2


def test_inspect_as_json_is_the_quality_object(readings: Path, call: Call) -> None:
    quality = json.loads(call("inspect", readings, "--json").out)
    total = pd.read_parquet(readings)["kwh"].sum()
    assert quality["customers_read"] == quality["customers_used"] == 24
    assert quality["readings_read"] == 24 * 240
    assert quality["energy_kwh"] == pytest.approx(total, abs=1e-3)
    assert quality["interval_minutes"] == [60]
    assert {"export_kwh", "coverage", "excluded", "findings", "readings_used"} <= set(quality)


def test_inspect_works_with_too_few_customers_to_segment(call: Call, tmp_path: Path) -> None:
    builders.parquet(builders.long_table(customers=1, days=10), tmp_path / "in", "one.parquet")
    assert call("inspect", tmp_path / "in").status == 0


@pytest.fixture
def resolved(
    call: Call, readings: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Resolved]:
    """What ``generate`` makes of its flags."""

    def settings(*arguments: str) -> Resolved:
        seen: list[Resolved] = []

        def stop(_: Any, __: Path, resolved: Resolved, **___: Any) -> None:
            seen.append(resolved)
            raise UsageError("seen")

        monkeypatch.setattr(reporter.pipeline, "generate", stop)
        answer = call("generate", readings, "--out", tmp_path / "run", *arguments)
        assert seen, answer.err
        return seen[0]

    return settings


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("jun-sep", (6, 7, 8, 9)),
        ("Jun-Sep", (6, 7, 8, 9)),
        ("june-september", (6, 7, 8, 9)),
        ("12-2", (12, 1, 2)),
        ("nov-feb", (11, 12, 1, 2)),
        ("6,7,8", (6, 7, 8)),
        ("7", (7,)),
        ("dec, jun-jul", (12, 6, 7)),
        ("1-12", tuple(range(1, 13))),
    ],
)
def test_months_of_a_season(text: str, months: tuple[int, ...], resolved: Callable[..., Resolved]) -> None:
    assert resolved("--peak-season", text).settings.peak.season == months


@pytest.mark.parametrize(
    ("text", "window"), [("16-21", (16, 21)), ("22-6", (22, 6)), ("0-24", (0, 24)), (" 7 - 9 ", (7, 9))]
)
def test_hours_of_the_day(text: str, window: tuple[int, int], resolved: Callable[..., Resolved]) -> None:
    assert resolved("--peak-hours", text).settings.peak.window == window


def test_flags_reach_the_settings_they_name(resolved: Callable[..., Resolved]) -> None:
    found = resolved(
        *[
            "--k-range",
            "3-7",
            "--seed",
            "9",
            "--normalise",
            "cumulative",
            "--goal-kw",
            "12.5",
            "--customers-max",
            "40",
            "--enrolment-rate",
            "0.25",
        ],
        *[
            "--start",
            "2026-07-02",
            "--end",
            "2026-07-30",
            "--period",
            "2026",
            "--stamps",
            "end",
            "--source-timezone",
            "+01:00",
            "--unit",
            "wh",
        ],
        *[
            "--formats",
            "html",
            "--paper",
            "letter",
            "--memory",
            "2GB",
            "--organisation",
            "Hydro",
            "--value-column",
            "kwh",
        ],
    )
    settings = found.settings
    assert (settings.segments.k_min, settings.segments.k_max, settings.segments.normalise) == (
        3,
        7,
        "cumulative",
    )
    assert settings.seed == 9
    assert (settings.targets.goal_kw, settings.targets.customers_max, settings.targets.enrolment_rate) == (
        12.5,
        40,
        0.25,
    )
    readings = settings.readings
    assert (readings.start, readings.end, readings.period) == (date(2026, 7, 2), date(2026, 7, 30), "2026")
    assert (readings.stamps, readings.source_timezone, readings.unit, readings.value_column) == (
        "end",
        "+01:00",
        "wh",
        "kwh",
    )
    assert (settings.output.formats, settings.output.paper, settings.output.organisation) == (
        ("html",),
        "letter",
        "Hydro",
    )
    assert settings.running.memory == "2GB"
    assert "readings.timezone" not in found.origins
    assert len(found.origins) == 18


def test_config_shows_every_setting_with_its_origin(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reporter.toml").write_text("[audit]\nmin_days = 3\n")
    monkeypatch.setenv("REPORTER_SEED", "5")
    lines = call("config", "show").out.splitlines()
    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}
    assert rows["audit.min_days"].split() == ["3", "reporter.toml"]
    assert rows["seed"].split(maxsplit=1) == ["5", "environment variable REPORTER_SEED"]
    assert rows["segments.k"].split() == ["not", "given", "default"]


def test_sample_writes_readings_that_generate_reads(call: Call, tmp_path: Path) -> None:
    answer = call("sample", "--customers", 25, "--days", 9, "--out", tmp_path / "in" / "r.csv")
    assert answer.status == 0
    assert str(tmp_path / "in" / "r.csv") in answer.out
    assert call("inspect", tmp_path / "in" / "r.csv").status == 0
    assert call("sample", "--customers", 25, "--days", 9, "--out", tmp_path / "in" / "r.csv").status == 2


def test_render_refuses_what_is_no_run(call: Call, tmp_path: Path) -> None:
    answer = call("render", tmp_path)
    assert answer.status == 2
    assert "no run folder" in answer.err


def test_compare_refuses_one_run_or_none(call: Call, tmp_path: Path) -> None:
    assert call("compare", tmp_path, "--out", tmp_path / "out").status == 2
    assert call("compare", tmp_path, tmp_path, "--out", tmp_path / "out").status == 2
    assert list(tmp_path.iterdir()) == []


def test_a_run_compared_with_itself_shows_no_change(call: Call, tmp_path: Path) -> None:
    answer = call("compare", sample_run(), sample_run(), "--out", tmp_path / "out", "--formats", "html")
    assert answer.status == 0
    found = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert found["migration"]["changed"] == 0
    assert found["emerging"] == []
