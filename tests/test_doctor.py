"""``doctor``: what is there, what is missing, and what mends it; and a run on a machine without Pango."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import builders
import pytest

from reporter import doctor, libraries, resources
from reporter.doctor import Check, Diagnosis
from reporter.errors import ReporterError

Answers = dict[str, dict[str, str]]


def environment(tmp_path: Path, code: str) -> dict[str, str]:
    """An environment whose every Python, children of children too, runs ``code`` before anything else."""
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim" / "sitecustomize.py").write_text(code, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "shim")}


def without_pango(tmp_path: Path) -> dict[str, str]:
    return environment(
        tmp_path,
        "import cffi\n"
        "dlopen = cffi.FFI.dlopen\n"
        "def refuse(self, name, flags=0):\n"
        "    if name and 'pango' in name:\n"
        "        raise OSError(f\"cannot load library '{name}': {name}: No such file or directory\")\n"
        "    return dlopen(self, name, flags)\n"
        "cffi.FFI.dlopen = refuse\n",
    )


def run(environment: dict[str, str], *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "reporter", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def by_name(told: dict[str, Any]) -> Answers:
    return {check["name"]: check for check in told["checks"]}


def test_a_whole_machine_is_0_and_nothing_heavy_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys, reporter.cli\n"
        "try:\n"
        "    reporter.cli.main()\n"
        "finally:\n"
        "    heavy = {'pandas', 'numpy', 'matplotlib', 'weasyprint', 'duckdb', 'ibis', 'pyarrow', 'reporter.settings'}\n"
        "    print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    told = json.loads(done.stdout)
    checks = by_name(told)
    assert (done.returncode, done.stderr) == (0, "[]\n"), checks
    assert told["ok"]
    assert {"Python", "numpy", "Pango", "PangoFT2", "HarfBuzz subset", "DuckDB", "Spark", "Java"} <= set(
        checks
    )
    assert checks["Pango"]["detail"].startswith("1.")
    assert checks["test page"]["status"] == checks["fonts"]["status"] == "ok"
    assert list(tmp_path.iterdir()) == []


def test_without_pango_it_is_missing_with_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(without_pango(tmp_path), "doctor", "--json")
    told = json.loads(done.stdout)
    checks = by_name(told)
    missing = {name for name, check in checks.items() if check["status"] == "missing"}
    assert (done.returncode, done.stderr) == (1, "")
    assert missing == {"Pango", "PangoFT2", "test page"}
    assert told["command"] == libraries.remedy().command


def test_a_library_that_crashes_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = environment(
        tmp_path,
        "import cffi, os, signal\n"
        "dlopen = cffi.FFI.dlopen\n"
        "def crash(self, name, flags=0):\n"
        "    if name and 'pangoft2' in name:\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    return dlopen(self, name, flags)\n"
        "cffi.FFI.dlopen = crash\n",
    )
    monkeypatch.setenv("PYTHONPATH", shim["PYTHONPATH"])
    found = {check.name: (check.status, check.detail) for check in doctor._system_libraries()}
    assert found["Pango"][0] == "ok"
    assert found["PangoFT2"] == ("missing", "crashed (signal 11)")
    assert found["HarfBuzz"] == ("missing", "not tried")
    (page,) = doctor._test_page()
    assert page.status == "missing" and "crashed (signal 11)" in page.detail


def test_the_libraries_are_those_that_weasyprint_loads() -> None:
    package = importlib.util.find_spec("weasyprint")
    assert package and package.origin
    source = Path(package.origin).with_name("text") / "ffi.py"
    loads = [
        node
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_dlopen"
    ]
    theirs = {tuple(ast.literal_eval(name) for name in load.args[1:]): not load.keywords for load in loads}
    ours = {library.files: library.needed for library in libraries.LIBRARIES}
    # What draws glyphs in colours; no report has any.
    vector = {files for files in theirs if "harfbuzz-vector" in files}
    assert ours == {files: needed for files, needed in theirs.items() if files not in vector}


@pytest.mark.parametrize(
    ("platform", "command"),
    [("linux", "apt install libpango-1.0-0"), ("darwin", "brew install pango"), ("win32", "pacman -S")],
)
def test_each_system_has_its_command_in_the_sentence(
    platform: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    sentence = libraries.failure(1, "OSError: cannot load library 'libpango-1.0-0'")
    assert command in sentence
    assert ("untried" in sentence) == (platform != "linux")


def test_a_system_that_we_do_not_know_gets_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "freebsd14")
    monkeypatch.setattr(libraries.shutil, "which", lambda _: None)
    assert libraries.remedy().command == ""
    assert "package manager" in libraries.failure(1, "OSError: cannot load library 'libpango-1.0-0'")


def test_packages_that_are_missing_or_too_old_have_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["no-such-package>=1", "numpy>=99", "pandas>=1", "other>=1; extra == 'spark'"]
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda _: wanted)
    monkeypatch.setattr(doctor, "_CHECKOUT", None)
    found = {check.name: check for check in doctor._packages()}
    assert found["no-such-package"].status == found["numpy"].status == "missing"
    assert found["pandas"].status == "ok"
    assert "other" not in found
    assert found["numpy"].command.endswith("-m pip install 'numpy>=99'")
    assert "reporter needs >=99" in found["numpy"].detail


def test_in_a_checkout_packages_come_from_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda _: ["no-such-package>=1"])
    missing = next(check for check in doctor._packages() if check.status == "missing")
    assert "--require-hashes -r" in missing.command


def test_python_that_is_too_old_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    (check,) = doctor._python()
    assert check.status == "missing" and "3.11 to 3.13" in check.detail


def test_an_installation_without_its_files_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> Path:
        raise ReporterError("lost")

    monkeypatch.setattr(resources, "templates_folder", lost)
    found = {check.name: check.status for check in doctor._shipped_files()}
    assert found == {"templates": "missing", "sample data": "ok", "glossary": "ok"}


def test_a_folder_that_cannot_be_written_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)
    monkeypatch.setattr(doctor.tempfile, "TemporaryDirectory", refused)
    assert [check.status for check in (*doctor._temporary_folder(), *doctor._test_page())] == ["missing"] * 2


def test_a_run_without_a_temporary_folder_says_what_to_do(tmp_path: Path) -> None:
    none = "import tempfile\ntempfile._candidate_tempdir_list = lambda: ['/no/such/folder']\n"
    readings = builders.parquet(builders.long_table(customers=2, days=8), tmp_path / "in")
    done = run(environment(tmp_path, none), "inspect", readings)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr.splitlines()[-1]
        == "reporter: no temporary folder can be written; name one that can with TMPDIR."
    )
    assert "Traceback" not in done.stderr


def test_commands_are_joined_once_each_and_what_is_needed_goes_first() -> None:
    spare = Check("PDF", "c", "optional", "", "get c")
    lacking = [Check("PDF", name, "missing", "", command) for name, command in ("aa", "ba", "xb")]
    assert Diagnosis((spare,)).ok and Diagnosis((spare,)).command == "get c"
    assert Diagnosis((spare, *lacking)).command == "a && b"


def test_generate_without_pango_makes_all_but_the_pdf_and_says_so(tmp_path: Path) -> None:
    frame = builders.long_table(customers=24, days=10)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Europe/London")
    readings = builders.parquet(frame, tmp_path / "in")
    changed = {
        **without_pango(tmp_path),
        "REPORTER_SEGMENTS__BOOTSTRAPS": "2",
        "REPORTER_SEGMENTS__K_MAX": "3",
    }
    # Nor a home that can be written: figures need none, and nothing is said about it.
    changed |= {"HOME": str(readings), "XDG_CACHE_HOME": str(readings), "XDG_CONFIG_HOME": str(readings)}
    out = tmp_path / "Zähler für Köln"
    done = run(changed, "generate", readings, "--timezone", "Europe/London", "--out", out, "-q")
    assert done.returncode == 4, done.stderr
    assert done.stdout == f"{out}\n"
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("reporter: The PDF could not be made: ")
    assert libraries.remedy().command in sentence
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["missing"] == [sentence.removeprefix("reporter: ")]
    files = {path.name for path in out.iterdir()}
    assert files == {
        "report.html", "facts.json", "manifest.json", "customers.parquet", "profiles.parquet",
        "segmentation.json", "targets.csv", "targets.xlsx", "vpp.csv", "figures", "audit.parquet",
    }  # fmt: skip
    assert (out / "report.html").stat().st_size > 10_000
    assert (out / "figures" / "cover.svg").is_file()
