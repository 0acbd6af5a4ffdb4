"""Files that ship with the package: templates, sample data, glossary, fonts.

In a checkout they stand beside the package; in a wheel they are inside it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from reporter.errors import ReporterError

_PACKAGE = Path(__file__).resolve().parent


def _shipped(relative: str) -> Path:
    for base in (_PACKAGE, _PACKAGE.parent):
        path = base / relative
        if path.exists():
            return path
    raise ReporterError(f"The installation is incomplete: '{relative}' is missing; install reporter again.")


def templates_folder() -> Path:
    """Folder of the templates that come with the package."""
    return _shipped("templates")


def themes_folder() -> Path:
    """Folder of the example themes, each a folder of templates."""
    return _shipped("themes")


def sample_folder() -> Path:
    """Folder of the sample data that comes with the package."""
    return _shipped("sample_data")


def sample_run() -> Path:
    """Run folder of the sample's first quarter, without figures and report."""
    return _shipped("sample_data/2026Q2/run")


def font_files() -> dict[int, Path]:
    """TrueType files of the report's one typeface, by CSS weight (400, 600, 700)."""
    import font_source_sans_pro as package

    folder = Path(package.__file__).parent / "files"
    names = {400: "Regular", 600: "Semibold", 700: "Bold"}
    return {weight: folder / f"SourceSansPro-{name}.ttf" for weight, name in names.items()}


@dataclass(frozen=True)
class Term:
    """A glossary entry."""

    term: str
    definition: str


def glossary() -> list[Term]:
    """Terms of ``docs/glossary.md``, in its order: lines of the form ``**term**: definition``."""
    text = _shipped("docs/glossary.md").read_text(encoding="utf-8")
    return [Term(*match) for match in re.findall(r"^\*\*(.+?)\*\*: (.+)$", text, flags=re.MULTILINE)]
