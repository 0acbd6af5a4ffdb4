"""The utility's own templates: what there is to change, a copy to begin with, and a check before they are used."""

import difflib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reporter import resources
from reporter.errors import UsageError
from reporter.facts import Facts
from reporter.figures.registry import Drawn
from reporter.report.render import EXTENDS_ITSELF, IMPORTS, make_environment, render_html, syntax_said
from reporter.report.theme import contrast_problems, load_theme
from reporter.settings import OutputSettings

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import nodes

_GIVEN = {"report", "sizes", "css", "script", "policy", "view", "data_cell"}
"""Names that the code or the template around gives to a template."""
_THEME = "theme.toml"


@dataclass(frozen=True)
class TemplateFile:
    """A file that can be changed."""

    name: str
    about: str
    """Its first comment."""
    blocks: list[str]
    macros: list[str]


def list_templates() -> list[TemplateFile]:
    """Every shipped template, in order of name, and the theme first."""
    from jinja2 import nodes

    environment = make_environment(None)
    found = [TemplateFile(_THEME, "Name, logo, colours, order of sections.", [], [])]
    for path in _files(resources.templates_folder()):
        name = path.relative_to(resources.templates_folder()).as_posix()
        text = path.read_text(encoding="utf-8")
        tree = environment.parse(text)
        about = text.split("{#", 1)[1].split("#}", 1)[0].strip() if text.lstrip().startswith("{#") else ""
        blocks = [block.name for block in tree.find_all(nodes.Block)]
        found.append(TemplateFile(name, about, blocks, [macro.name for macro in tree.find_all(nodes.Macro)]))
    return found


def example_themes() -> list[str]:
    """Names of the themes that ship as examples of what a folder of templates can change."""
    return sorted(path.name for path in resources.themes_folder().iterdir() if path.is_dir())


def export_templates(out: Path, example: str | None = None) -> list[Path]:
    """Copy every shipped template and the theme, or an example theme, into a folder; returns the files.

    Raises:
        UsageError: a file is there already, or the folder can't be written, or there is no such example.
    """
    shipped = resources.templates_folder()
    names = [_THEME, *(path.relative_to(shipped).as_posix() for path in _files(shipped))]
    if example is not None:
        if example not in example_themes():
            raise UsageError(
                f"There is no example theme '{example}'; there are {', '.join(example_themes())}."
            )
        shipped = resources.themes_folder() / example
        names = sorted(path.relative_to(shipped).as_posix() for path in shipped.rglob("*") if path.is_file())
    there = [name for name in names if (out / name).exists()]
    if there:
        raise UsageError(f"{out / there[0]}: is there already; choose another folder, or delete it first.")
    try:
        for name in names:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shipped / name, out / name)
    except OSError as error:
        raise UsageError(f"{out}: can't be written ({error.strerror}); choose another folder.") from error
    return [out / name for name in names]


def check_folder(
    folder: Path,
    facts: Facts,
    figures: dict[str, Drawn],
    output: OutputSettings,
    targets: "pd.DataFrame | None" = None,
) -> list[str]:
    """What is wrong with a folder of templates, a sentence each with file and line; empty where nothing is.

    Args:
        folder: the templates.
        facts, figures, targets: of a run, to render with.
        output: the settings of the report but for the templates.

    Raises:
        UsageError: no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder of templates; check the path.")
    own = output.model_copy(update={"templates": folder})
    try:
        theme = load_theme(own)
    except UsageError as error:
        return [str(error)]
    problems = [f"{folder / _THEME}: {problem}" for problem in contrast_problems(theme.palette)]
    for path in _files(folder):
        problems += _problems(folder, path, theme.sections)
    if problems:
        return problems
    for medium in ("screen", "print"):
        try:
            render_html(facts, figures, own, medium=medium, theme=theme, targets=targets)
        except UsageError as error:
            problems.append(str(error))
    return list(dict.fromkeys(problems))


def _problems(folder: Path, path: Path, sections: tuple[str, ...]) -> Iterator[str]:
    from jinja2 import TemplateSyntaxError, meta, nodes

    name = path.relative_to(folder).as_posix()
    environment = make_environment(folder)
    try:
        tree = environment.parse(path.read_text(encoding="utf-8"), name, str(path))
        undeclared = meta.find_undeclared_variables(tree)
    except UnicodeDecodeError:
        yield f"{path}: not UTF-8 text; save it as UTF-8."
        return
    except TemplateSyntaxError as error:
        yield f"{path}:{error.lineno}: {syntax_said(error)}"
        return
    if not (resources.templates_folder() / name).is_file() and _unused(folder, name, sections):
        near = _meant(name)
        hint = (
            f"did you mean {near}?"
            if near
            else f"name it in 'sections' of {_THEME}, or include it from another."
        )
        yield f"{path}: nothing uses this file; {hint}"
        return
    parent = next((n.template for n in tree.find_all(nodes.Extends)), None)
    base = _shipped(parent)
    given = (
        _GIVEN
        | _stored(tree)
        | (_stored(environment.parse(base.read_text(encoding="utf-8"))) if base else set())
    )
    for unknown in sorted(undeclared - given):
        line = next((n.lineno for n in tree.find_all(nodes.Name) if n.name == unknown), 1)
        close = difflib.get_close_matches(unknown, _GIVEN, 1)
        hint = f"; did you mean '{close[0]}'?" if close else "; docs/templates.md lists what templates see."
        if unknown in IMPORTS:
            hint = f"; begin the file with {IMPORTS[unknown]}"
        yield f"{path}:{line}: there is nothing called '{unknown}'{hint}"
    if base is not None and isinstance(parent, nodes.Const):
        known = {b.name for b in environment.parse(base.read_text(encoding="utf-8")).find_all(nodes.Block)}
        for block in tree.find_all(nodes.Block):
            if block.name not in known:
                close = difflib.get_close_matches(block.name, known, 1)
                hint = f"; did you mean '{close[0]}'?" if close else f"; it has {', '.join(sorted(known))}."
                yield f"{path}:{block.lineno}: '{parent.value}' has no block '{block.name}', so it shows nowhere{hint}"
    section = name.removeprefix("sections/").removesuffix(".html.j2")
    if isinstance(parent, nodes.Const) and parent.value == name:
        yield f"{path}:1: {EXTENDS_ITSELF}"
    elif (
        parent is None and name.startswith("sections/") and section in sections and not _has_id(path, section)
    ):
        yield f'{path}: no element here has the id {section}, so links to this section lead nowhere; put <section id="{section}"> around it.'


def _shipped(parent: "nodes.Expr | None") -> Path | None:
    """The shipped template that a file extends."""
    from jinja2 import nodes

    if not isinstance(parent, nodes.Const) or not str(parent.value).startswith("default:"):
        return None
    path = resources.templates_folder() / str(parent.value).removeprefix("default:")
    return path if path.is_file() else None


def _stored(tree: "nodes.Template") -> set[str]:
    """Names that a template sets, imports or gives to a macro itself: blocks see them, which Jinja's own analysis does not know."""
    from jinja2 import nodes

    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    names |= {node.target for node in tree.find_all(nodes.Import)}
    names |= {node.name for node in tree.find_all(nodes.Macro)}
    for node in tree.find_all(nodes.FromImport):
        names |= {name if isinstance(name, str) else name[1] for name in node.names}
    return names


def _unused(folder: Path, name: str, sections: tuple[str, ...]) -> bool:
    if name.startswith("sections/") and name.removeprefix("sections/").removesuffix(".html.j2") in sections:
        return False
    others = (path for path in _files(folder) if path.relative_to(folder).as_posix() != name)
    quoted = (f'"{name}"', f"'{name}'")
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in others)
    return not any(quote in text for text in texts for quote in quoted)


def _meant(name: str) -> str | None:
    """The shipped file that one is nearly called like, in whichever folder."""
    shipped = [
        path.relative_to(resources.templates_folder()).as_posix()
        for path in _files(resources.templates_folder())
    ]
    same = [other for other in shipped if other.rsplit("/", 1)[-1] == name.rsplit("/", 1)[-1]]
    return next(iter(same or difflib.get_close_matches(name, shipped, 1, cutoff=0.85)), None)


def _has_id(path: Path, section: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return (
        re.search(rf"""\bid\s*=\s*(["']?)({re.escape(section)}\1|[^"'>]*\{{\{{)""", text) is not None
        or "{% include" in text
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.j2") if path.is_file())
