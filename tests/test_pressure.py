"""Runs under pressure: killed, stopped, two at once, no room, and files that change under them. Whole or nothing, and one sentence."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import builders
import pyarrow
import pytest
from threadpoolctl import threadpool_info

from reporter import scratch
from reporter.errors import DataError, UsageError
from reporter.pipeline import _bounded
from reporter.place import write_whole
from reporter.readings import open_engine, read
from reporter.readings.files import check_unchanged, states
from reporter.resources import sample_run
from reporter.settings import RunningSettings, Settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")

KILLS = int(os.environ.get("REPORTER_TEST_KILLS", "6"))
"""As many in the suite; REPORTER_TEST_KILLS=50 for the long version."""

# One warm process forks a run after another, so that each need not import everything again.
RUNS = """
import os, random, signal, sys, time
import reporter.pipeline, reporter.readings, reporter.segments.build, reporter.report, reporter.facts.build, reporter.targets
from reporter.cli import main
readings, out, kills, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
command = ["reporter", "generate", readings, "--timezone", "Europe/London", "--formats", "html", "--out", out, "-q"]
random.seed(seed)
for number in range(kills):
    child = os.fork()
    if child == 0:
        sys.argv = command
        main()
        os._exit(0)
    # More often early and late than evenly: there folders come and go.
    time.sleep(random.uniform(0.0, 3.5))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(os.path.isdir(out), flush=True)
    if os.path.isdir(out):
        assert os.path.isfile(os.path.join(out, "manifest.json")), "half a run"
        os.rename(out, f"{out}-{number}")
"""


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = builders.long_table(customers=24, days=10)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Europe/London")
    return builders.parquet(frame, tmp_path_factory.mktemp("in"))


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A temporary folder of its own, and the cheapest run."""
    (tmp_path / "tmp").mkdir()
    quick = {"REPORTER_SEGMENTS__BOOTSTRAPS": "2", "REPORTER_SEGMENTS__K_MAX": "3"}
    return {**os.environ, **quick, "TMPDIR": str(tmp_path / "tmp")}


def command(readings: Path, out: Path, *more: str) -> list[str]:
    given = ["generate", str(readings), "--timezone", "Europe/London", "--formats", "html", "--out", str(out)]
    return [sys.executable, "-m", "reporter", *given, *more]


def test_killed_at_any_moment_leaves_nothing_half_written(
    readings: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    out = tmp_path / "place" / "run"
    arguments = [str(readings), str(out), str(KILLS), "9"]
    killed = subprocess.run(
        [sys.executable, "-c", RUNS, *arguments],
        env=surroundings,
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == 0, killed.stderr
    assert killed.stderr == ""
    assert "False" in killed.stdout
    # The same command again, without --force.
    done = subprocess.run(
        command(readings, out, "-q"), env=surroundings, text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not [path.name for path in out.parent.iterdir() if path.name.startswith(".")]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_stop_ends_within_two_seconds(
    number: signal.Signals, status: int, readings: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    out = tmp_path / "place" / "run"
    with subprocess.Popen(
        command(readings, out),
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as run:
        assert run.stderr is not None
        while "Grouping" not in run.stderr.readline():
            pass
        time.sleep(random.Random(3).uniform(0, 0.5))
        run.send_signal(number)
        sent = time.monotonic()
        said = run.stderr.read()
        assert run.wait(10) == status
    assert time.monotonic() - sent < 2
    assert said.splitlines()[-1] == "reporter: stopped; nothing was written."
    assert not out.parent.exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_code_that_hears_nothing_is_ended_all_the_same(tmp_path: Path) -> None:
    # Python's own handlers are not called before native code returns, here after minutes.
    code = (
        "import hashlib; from reporter import scratch; from reporter.cli import stop; from pathlib import Path\n"
        f"stop.watch(); scratch.take(Path({str(tmp_path / 'held')!r})); print('ready', flush=True)\n"
        "hashlib.pbkdf2_hmac('sha256', b'', b'', 300_000_000)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        assert (tmp_path / "held").is_dir()
        # Until it is in native code, where Python's handler is not called.
        time.sleep(0.5)
        run.send_signal(signal.SIGTERM)
        sent = time.monotonic()
        assert run.wait(10) == 143
    assert time.monotonic() - sent < 2
    assert not (tmp_path / "held").exists()


def test_of_two_runs_into_one_folder_the_second_is_told(tmp_path: Path) -> None:
    out = tmp_path / "run"
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with write_whole(out, force=False) as part:
            (part / "facts.json").write_text("first")
            inside.set()
            go_on.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    with pytest.raises(UsageError, match="another run is writing there now"), write_whole(out, force=True):
        pass
    go_on.set()
    thread.join()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (out / "facts.json").read_text() == "first"


def test_a_folder_that_something_else_filled_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(UsageError, match="is there already"), write_whole(out, force=False):
        out.mkdir()
        (out / "photo.jpg").write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert [path.name for path in out.iterdir()] == ["photo.jpg"]


def test_a_run_that_was_killed_while_it_replaced_another_is_mended(tmp_path: Path) -> None:
    old = tmp_path / ".run.reporter-old"
    old.mkdir()
    (old / "manifest.json").write_text('{"made_by": "reporter"}')
    (tmp_path / ".run.reporter" / "new").mkdir(parents=True)
    with pytest.raises(UsageError, match="--force"), write_whole(tmp_path / "run", force=False):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "manifest.json").exists()


def test_temporary_folders_of_the_living_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    (tmp_path / "reporter-dead").mkdir()
    (tmp_path / "reporter-dead" / ".lock").touch()
    (tmp_path / "reporter-dead" / "compact.parquet").write_text("x")
    (tmp_path / "reporter-notes").mkdir()
    with scratch.scratch() as living, scratch.scratch() as other:
        assert {path.name for path in tmp_path.iterdir()} == {"reporter-notes", living.name, other.name}
    assert [path.name for path in tmp_path.iterdir()] == ["reporter-notes"]


def limited(size: int) -> None:
    """No file may grow beyond this: what a full disk is to who writes."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_no_room_is_one_sentence_with_the_folder(
    readings: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    out = tmp_path / "run"
    done = subprocess.run(
        command(readings, out, "-q"),
        env=surroundings,
        text=True,
        capture_output=True,
        check=False,
        preexec_fn=lambda: limited(60_000),
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"reporter: {out}: there is no room for the results (")
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]


def test_a_page_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(sample_run(), run)
    (run / "report.html").write_text("old")
    done = subprocess.run(
        [sys.executable, "-m", "reporter", "render", str(run), "--formats", "html", "-q"],
        text=True,
        capture_output=True,
        check=False,
        preexec_fn=lambda: limited(100_000),
    )
    assert done.returncode == 2, done.stderr
    assert "there is no room on the disk" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (run / "report.html").read_text() == "old"
    assert not list(run.glob("*.part"))


def test_readings_that_change_while_they_are_read_are_refused(readings: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(readings, tmp_path))
    before = states([copy])
    check_unchanged(before)
    with copy.open("ab") as stream:
        stream.write(b"more")
    with pytest.raises(DataError, match=r"readings\.parquet: the file changed while it was read"):
        check_unchanged(before)
    copy.unlink()
    with pytest.raises(DataError, match=r"readings\.parquet: the file is gone"):
        check_unchanged(before)


def test_threads_are_bounded_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    before = pyarrow.cpu_count()
    with _bounded(1), open_engine(RunningSettings(threads=1)) as engine:
        assert engine.connection.raw_sql("SELECT current_setting('threads')").fetchone() == (1,)
        pools = threadpool_info()
        assert pools
        assert {pool["num_threads"] for pool in pools} == {1}
        assert pyarrow.cpu_count() == 1
    assert pyarrow.cpu_count() == before


def test_a_memory_limit_that_is_too_small_says_what_to_give(readings: Path) -> None:
    settings = Settings.model_validate({"running": {"memory": "1MB", "threads": 2}})
    with (
        pytest.raises(DataError, match=r"--memory 1MB is too small .* give --memory 250MB or more"),
        open_engine(settings.running) as engine,
    ):
        read([readings], engine, settings)
