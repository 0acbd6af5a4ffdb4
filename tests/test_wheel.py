"""The wheel holds all that the package reads, and works where there is no checkout; the locks fit pyproject.toml."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked, as an installer does it; dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _python(installed: Path, cwd: Path, *arguments: str) -> str:
    # -P and the path: the unpacked wheel, and never the checkout that the tests run in.
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-P", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _shipped() -> list[str]:
    """Paths in the wheel of the files that stand beside the package in a checkout."""
    paths = [path for folder in ("templates", "sample_data") for path in (ROOT / folder).rglob("*")]
    paths.append(ROOT / "docs" / "glossary.md")
    return [f"reporter/{path.relative_to(ROOT).as_posix()}" for path in paths if path.is_file()]


def test_holds_code_templates_sample_data_and_glossary(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = set(archive.namelist())
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "reporter").rglob("*.py")}
    assert code <= members
    assert set(_shipped()) <= members
    assert {"templates", "sample_data", "docs"} <= {name.split("/")[1] for name in _shipped()}
    assert any(name.endswith("licenses/LICENSE") for name in members)


def test_holds_nothing_but_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert not [name for name in archive.namelist() if "__pycache__" in name]
    assert {top.split("-")[0] for top in tops} == {"reporter"}
    assert wheel.stat().st_size < 10_000_000


def test_reads_its_own_files_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    told = _python(
        installed,
        tmp_path,
        "-c",
        "from reporter.resources import glossary, sample_folder, templates_folder\n"
        "print(templates_folder(), sample_folder(), len(glossary()), sep='\\n')",
    ).splitlines()
    assert Path(told[0]) == installed / "reporter" / "templates"
    assert Path(told[1]) == installed / "reporter" / "sample_data"
    assert int(told[2]) > 0


def test_makes_a_run_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    told = _python(
        installed, tmp_path, "-m", "reporter", "demo", "--out", "run", "--formats", "html", "--quiet"
    )
    assert told.strip() == "run"
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_names_versions_and_hashes_only(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    for line in text.splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line


@pytest.mark.parametrize("name", LOCKS)
def test_lock_fits_what_the_project_asks_for(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, flags=re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    if name == "requirements-dev.lock":
        asked = asked + [entry for entry in project["dependency-groups"]["dev"] if isinstance(entry, str)]
    for requirement in map(Requirement, asked):
        version = pinned.get(requirement.name.lower().replace("_", "-"))
        assert version is not None and requirement.specifier.contains(version), (
            f"{name} has {requirement.name} {version}, pyproject.toml asks for {requirement}: run 'make lock'"
        )


def test_locks_agree() -> None:
    runtime, dev = ((ROOT / name).read_text(encoding="utf-8") for name in LOCKS)
    pins = [set(re.findall(r"^\S+==.*$", text, flags=re.MULTILINE)) for text in (runtime, dev)]
    assert pins[0] <= pins[1]
