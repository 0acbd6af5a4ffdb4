"""What this machine has of what reporter needs, and the one command that mends what it lacks.

Nothing of the analysis is imported: the doctor works where a package is missing or broken. Native code is tried in
child processes, so that a crash is a line and not the end.
"""

import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reporter import libraries, resources
from reporter.errors import ReporterError

Status = Literal["ok", "missing", "optional"]

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent if (_PACKAGE.parent / "requirements.lock").is_file() else None
_PYTHONS = ((3, 11), (3, 13))
_TIMEOUT_S = 60.0
_PAGE = """<html lang="en"><title>Test page</title><style>
@font-face{font-family:"Report";src:url(font:400) format("truetype")} body{font-family:"Report"}
</style><h1>Test page</h1><p>Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.</p>"""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    group: str
    name: str
    status: Status
    """``ok``: it is there; ``missing``: needed and not there; ``optional``: not there, and not needed."""
    detail: str
    command: str = ""
    """What mends it, as a command line; empty where none does."""


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was looked at."""

    checks: tuple[Check, ...]

    @property
    def missing(self) -> tuple[Check, ...]:
        """What is needed and not there."""
        return tuple(check for check in self.checks if check.status == "missing")

    @property
    def ok(self) -> bool:
        """Whether everything needed is there."""
        return not self.missing

    @property
    def command(self) -> str:
        """The one command that mends what is missing; where nothing is, what adds the optional."""
        wanted = self.missing or self.checks
        return " && ".join(dict.fromkeys(check.command for check in wanted if check.command))


def examine() -> Diagnosis:
    """Look at everything; a second or two."""
    looks: tuple[Callable[[], list[Check]], ...] = (
        _python,
        _packages,
        _system_libraries,
        _fonts,
        _test_page,
        _duckdb,
        _spark,
        _java,
        _shipped_files,
        _temporary_folder,
    )
    # Most of the time goes into waiting for child processes, which can run side by side.
    with ThreadPoolExecutor(len(looks)) as pool:
        found = [pool.submit(look) for look in looks]
        return Diagnosis(tuple(check for future in found for check in future.result()))


def _python() -> list[Check]:
    first, last = (".".join(map(str, version)) for version in _PYTHONS)
    version = sys.version.split()[0]
    if _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]:
        return [Check("Python", "Python", "ok", version)]
    detail = f"{version}; reporter needs {first} to {last}: make a new environment with one of these"
    return [Check("Python", "Python", "missing", detail)]


def _packages() -> list[Check]:
    """Every package that reporter asks for, at the versions that it asks for."""
    try:
        wanted = importlib.metadata.requires("reporter") or []
    except importlib.metadata.PackageNotFoundError:
        detail = "not installed, only found; install it so that its packages are known"
        return [Check("Python", "reporter", "missing", detail, _install_all())]
    checks = [Check("Python", "reporter", "ok", importlib.metadata.version("reporter"))]
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return [*checks, Check("Python", "packaging", "missing", "not installed", _install("packaging"))]
    for requirement in map(Requirement, wanted):
        needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        name = requirement.name
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if needed:
                checks.append(Check("Python", name, "missing", "not installed", _install(str(requirement))))
            continue
        if requirement.specifier.contains(version, prereleases=True):
            checks.append(Check("Python", name, "ok", version))
        elif needed:
            detail = f"{version}; reporter needs {requirement.specifier}"
            checks.append(Check("Python", name, "missing", detail, _install(str(requirement))))
    return checks


def _system_libraries() -> list[Check]:
    """Each library loaded as WeasyPrint loads it."""
    status, out, errors = _child(str(_PACKAGE / "libraries.py"))
    answers = [json.loads(line) for line in out.splitlines()]
    remedy = libraries.remedy()
    checks = []
    for place, library in enumerate(libraries.LIBRARIES):
        if place < len(answers):
            there, detail = answers[place]
        else:
            there, detail = False, _ending(status, errors) if place == len(answers) else "not tried"
        if there:
            checks.append(Check("PDF", library.title, "ok", detail or "loads"))
        elif library.needed:
            detail = "; ".join(filter(None, (detail, remedy.note)))
            checks.append(Check("PDF", library.title, "missing", detail, remedy.command))
        else:
            detail += "; the PDF can be made without it, for now"
            checks.append(Check("PDF", library.title, "optional", detail, remedy.command))
    return checks


def _fonts() -> list[Check]:
    try:
        files = resources.font_files()
    except ImportError:
        return [Check("PDF", "fonts", "missing", "the package of the report's typeface is not installed")]
    lost = [path.name for path in files.values() if not path.is_file()]
    if lost:
        command = _pip("--force-reinstall", "--no-deps", "font-source-sans-pro")
        return [Check("PDF", "fonts", "missing", f"not there: {', '.join(lost)}", command)]
    return [Check("PDF", "fonts", "ok", f"{len(files)} weights of Source Sans Pro, with the package")]


def _test_page() -> list[Check]:
    """A page through the same process that makes the report's PDF."""
    try:
        fonts = [f"{weight}={path}" for weight, path in resources.font_files().items()]
    except ImportError:
        return [Check("PDF", "test page", "missing", "not tried without the fonts")]
    started = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="reporter-") as folder:
            page = Path(folder) / "page.pdf"
            child = str(_PACKAGE / "report" / "pdf_child.py")
            status, _, errors = _child(child, str(page), "0", *fonts, text=_PAGE)
            made = page.is_file() and page.read_bytes().startswith(b"%PDF")
    except OSError as error:
        return [Check("PDF", "test page", "missing", f"not tried ({error.strerror})")]
    if status == 0 and made:
        return [Check("PDF", "test page", "ok", f"made in {time.perf_counter() - started:.1f} s")]
    why = (
        "needs the libraries above" if "cannot load library" in errors else libraries.failure(status, errors)
    )
    return [Check("PDF", "test page", "missing", why)]


def _duckdb() -> list[Check]:
    code = "import duckdb; assert duckdb.sql('select 42').fetchone() == (42,); print(duckdb.__version__)"
    status, out, errors = _child("-c", code)
    if status == 0:
        return [Check("Engines", "DuckDB", "ok", out.strip())]
    # Where the package is not there, its own line has the command.
    return [Check("Engines", "DuckDB", "missing", _ending(status, errors))]


def _spark() -> list[Check]:
    first, last = ((3, 5), (4, 1))
    try:
        version = importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        return [Check("Engines", "Spark", "optional", "pyspark is not installed; only for --engine spark")]
    if first <= tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < last:
        return [Check("Engines", "Spark", "ok", f"pyspark {version}")]
    detail = (
        f"pyspark {version}; --engine spark needs {first[0]}.{first[1]} or later, before {last[0]}.{last[1]}"
    )
    return [Check("Engines", "Spark", "optional", detail)]


def _java() -> list[Check]:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if java is None:
        return [Check("Engines", "Java", "optional", "not found; only for --engine spark on this machine")]
    status, _, told = _run([java, "-version"])
    if status != 0:
        return [
            Check("Engines", "Java", "optional", "does not start; only for --engine spark on this machine")
        ]
    first = next((line for line in told.splitlines() if "version" in line), java)
    return [Check("Engines", "Java", "ok", first.replace('"', ""))]


def _shipped_files() -> list[Check]:
    """What comes with the installation, beside the code."""
    checks = []
    for name, find in (
        ("templates", resources.templates_folder),
        ("sample data", resources.sample_folder),
        ("glossary", resources.glossary),
    ):
        try:
            found = find()
        except ReporterError:
            checks.append(Check("Installation", name, "missing", "not there", _restore()))
        else:
            detail = str(found) if isinstance(found, Path) else f"{len(found)} terms"
            checks.append(Check("Installation", name, "ok", detail))
    return checks


def _temporary_folder() -> list[Check]:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"reporter")
        folder = tempfile.gettempdir()
        free = shutil.disk_usage(folder).free
    except OSError:
        detail = "none can be written; the engine and the PDF need one"
        command = "mkdir -p ~/tmp && export TMPDIR=~/tmp"
        return [Check("Installation", "temporary folder", "missing", detail, command)]
    return [Check("Installation", "temporary folder", "ok", f"{folder}, {free / 1e9:,.0f} GB free")]


def _child(*arguments: str, text: str = "") -> tuple[int, str, str]:
    """Exit status, output and messages of a Python of this environment."""
    return _run([sys.executable, "-P", *arguments], text)


def _run(command: list[str], text: str = "") -> tuple[int, str, str]:
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return 1, "", f"no answer in {_TIMEOUT_S:.0f} s"
    except OSError as error:
        return 1, "", str(error)
    return done.returncode, done.stdout, done.stderr


def _ending(status: int, errors: str) -> str:
    """How a child process ended that should not have."""
    if status < 0:
        return f"crashed (signal {-status})"
    return next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "no message")


def _pip(*arguments: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", *arguments])


def _install(requirement: str) -> str:
    """What installs a package: in a checkout as the lock pins it, together with all others."""
    return _install_all() if _CHECKOUT else _pip(requirement)


def _install_all() -> str:
    if _CHECKOUT is None:
        return _again()
    locked = _pip("--require-hashes", "-r", str(_CHECKOUT / "requirements.lock"))
    return f"{locked} && {_pip('--no-deps', '--no-build-isolation', '-e', str(_CHECKOUT))}"


def _restore() -> str:
    if _CHECKOUT is None:
        return _again("--no-deps")
    return shlex.join(["git", "-C", str(_CHECKOUT), "restore", "templates", "sample_data", "docs"])


def _again(*options: str) -> str:
    """What installs reporter again from where it came from; empty where that is not known."""
    try:
        origin = importlib.metadata.distribution("reporter").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return ""
    # By its name alone, an index might give another package of that name.
    return _pip("--force-reinstall", *options, json.loads(origin)["url"]) if origin else ""
