"""Write the generated parts of ``docs/`` from the code: commands, settings, templates, JSON Schemas.

``python scripts/docs.py`` writes them; ``python scripts/docs.py --check`` says what is out of date. Between the lines
``<!-- generated: NAME -->`` and ``<!-- end -->`` of a page everything is replaced, the rest is written by hand.
"""

import ast
import collections
import dataclasses
import functools
import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from jinja2 import nodes
from pydantic import BaseModel

import reporter.assistant.answers.segments
import reporter.assistant.queries
import reporter.facts
import reporter.facts.model
import reporter.findings
import reporter.money.costs
import reporter.money.tariff
import reporter.report.comparison
import reporter.report.context
import reporter.report.render
import reporter.report.theme
import reporter.run
import reporter.settings
import reporter.targets.wording
from reporter.cli import app
from reporter.resources import templates_folder
from reporter.settings_file import as_toml

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SCHEMAS: dict[str, type[BaseModel]] = {
    "facts": reporter.facts.model.Facts,
    "comparison": reporter.facts.Comparison,
    "segmentation": reporter.run.SavedSegmentation,
}
_PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Write what is out of date, or with ``--check`` only name it; 1 where something was."""
    check = "--check" in sys.argv[1:]
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        sys.stdout.write(f"{path.relative_to(ROOT)}{': out of date; run make docs' if check else ''}\n")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], encoding="utf-8")
    return int(check and bool(stale))


def pages() -> dict[Path, str]:
    """Every page with generated parts → what it should hold."""
    result = {
        page: _PART.sub(lambda match: f"{match[1]}{_PARTS[match[2]]()}\n{match[3]}", text)
        for page in sorted(DOCS.glob("*.md"))
        if _PART.search(text := page.read_text("utf-8"))
    }
    for name, model in SCHEMAS.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(mode="serialization"),
        }
        result[DOCS / "schema" / f"{name}.schema.json"] = (
            json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        )
    return result


def commands() -> str:
    """Every command with its options."""
    return "\n\n".join(_command(name, command) for name, command in _walk("reporter", _click()))


def settings() -> str:
    """Every setting by section."""
    flags = {
        option for _, command in _walk("reporter", _click()) for p in command.params for option in p.opts
    }
    parts = []
    general = {
        name: field
        for name, field in reporter.settings.Settings.model_fields.items()
        if not isinstance(field.default, BaseModel)
    }
    sections: list[tuple[str, Any, dict[str, Any]]] = [("", None, general)]
    sections += [
        (name, field.default, type(field.default).model_fields)
        for name, field in reporter.settings.Settings.model_fields.items()
        if isinstance(field.default, BaseModel)
    ]
    for section, model, fields in sections:
        rows = []
        for name, field in fields.items():
            dotted = f"{section}.{name}" if section else name
            flag = reporter.settings.flag_of(dotted)
            rows.append(
                [
                    f"`{name}`",
                    _values(field.annotation),
                    _toml(field.default),
                    _sentence(field.description or ""),
                    f"`{flag}`" if flag in flags else "",
                ]
            )
        title = f"## `[{section}]`\n\n{model.__doc__}" if section else "## At the top of the file"
        parts.append(f"{title}\n\n{_table(['Key', 'Value', 'Default', 'Meaning', 'Flag'], rows)}")
        parts += [_row_of(name, row) for name, field in fields.items() for row in _rows_of(field.annotation)]
    return "\n\n".join(parts)


def _rows_of(annotation: Any) -> list[type[BaseModel]]:
    """The model of the rows, where a setting is a table."""
    return [
        part for part in typing.get_args(annotation) if isinstance(part, type) and issubclass(part, BaseModel)
    ]


def _row_of(name: str, model: type[BaseModel]) -> str:
    rows = [
        [f"`{key}`", _values(field.annotation), _sentence(field.description or "")]
        for key, field in model.model_fields.items()
    ]
    return (
        f"### A row of `{name}`\n\n{_one_line(model.__doc__)}\n\n{_table(['Key', 'Value', 'Meaning'], rows)}"
    )


def costs() -> str:
    """Every key of the costs file."""
    return _file(reporter.money.costs.Costs)


def tariff() -> str:
    """Every key of the tariff file."""
    return _file(reporter.money.tariff.Tariff)


def _file(root: type[BaseModel]) -> str:
    """The tables of a TOML file, each once, with their keys."""
    parts = []
    for model in _reached(root, set()):
        rows = [
            [
                f"`{key}`",
                _values(field.annotation),
                "yes" if field.is_required() else "",
                _sentence(field.description or ""),
            ]
            for key, field in model.model_fields.items()
        ]
        table = _table(["Key", "Value", "Needed", "Meaning"], rows)
        parts.append(f"### {model.__name__}\n\n{_one_line(model.__doc__)}\n\n{table}")
    return "\n\n".join(parts)


def context() -> str:
    """What ``report`` holds, object by object, in the order in which one meets them."""
    return _objects(reporter.report.context.ReportContext, set(_reached(reporter.facts.model.Facts, set())))


def facts() -> str:
    """What ``report.facts`` holds."""
    return _objects(reporter.facts.model.Facts, set())


def comparison() -> str:
    """What ``report`` holds in ``comparison.html.j2``."""
    known = set(_reached(reporter.report.context.ReportContext, set()))
    return _objects(reporter.report.comparison.ComparisonContext, known)


def filters() -> str:
    """The filters of templates."""
    rows = [
        [f"`{name}`", _arguments(function), _one_line(function.__doc__)]
        for name, function in sorted(reporter.report.render._FILTERS.items())
    ]
    return _table(["Filter", "Arguments", "Gives"], rows)


def _arguments(function: Callable[..., Any]) -> str:
    """What a filter takes beside the value before it, and what it does without."""
    taken = [
        entry for entry in list(inspect.signature(function).parameters.values())[1:] if entry.name != "people"
    ]
    return ", ".join(
        f"`{entry.name}`" if entry.default is entry.empty else f"`{entry.name}={entry.default!r}`"
        for entry in taken
    )


def blocks() -> str:
    """The blocks and macros of each template."""
    environment = reporter.report.render.make_environment(None)
    rows = []
    for path in sorted(templates_folder().rglob("*.j2")):
        name = path.relative_to(templates_folder()).as_posix()
        tree = environment.parse(path.read_text("utf-8"))
        found = [f"`{block.name}`" for block in tree.find_all(nodes.Block)]
        macros = [f"`{macro.name}`" for macro in tree.find_all(nodes.Macro)]
        rows.append([f"`{name}`", ", ".join(found), ", ".join(macros)])
    return _table(["Template", "Blocks", "Macros"], rows)


def queries() -> str:
    """What can be asked: every query with its arguments."""
    parts = []
    for query in reporter.assistant.queries.queries().values():
        example = query.example.format(segment="Evening peak", other="Flat", customer="C1009")
        rows = [
            [
                f"`{name}`",
                _values(field.annotation, quote=""),
                "needed" if field.is_required() else "" if field.default is None else f"`{field.default}`",
                _sentence(field.description or ""),
            ]
            for name, field in query.arguments.model_fields.items()
        ]
        text = f"### `{query.name}`\n\n{query.answers} Such as: “{example}”"
        parts.append(
            f"{text}\n\n{_table(['Argument', 'Value', 'Default', 'Meaning'], rows)}" if rows else text
        )
    return "\n\n".join(parts)


def names() -> str:
    """Names that arguments of queries take."""
    segments = reporter.assistant.answers.segments
    figures = {
        name: f"{what} a segment" if name in ("overlay", "week") else what
        for name, what in segments.FIGURES.items()
    }
    programs = {program.id: program.title for program in reporter.targets.read_catalogue().program}
    tables = {
        "metric": segments.METRICS,
        "figure": figures,
        "program": programs,
        "reason": reporter.targets.wording.DESCRIPTIONS,
    }
    return "\n\n".join(
        f"### Values of `{title}`\n\n{_table(['Value', 'Meaning'], [[f'`{name}`', _sentence(what)] for name, what in rows.items()])}"
        for title, rows in tables.items()
    )


def theme() -> str:
    """The theme that ships."""
    return f"```toml theme\n{(templates_folder() / 'theme.toml').read_text('utf-8').rstrip()}\n```"


_PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "settings": settings,
    "context": context,
    "facts": facts,
    "comparison": comparison,
    "filters": filters,
    "blocks": blocks,
    "theme": theme,
    "queries": queries,
    "names": names,
    "costs": costs,
    "tariff": tariff,
}


def _click() -> Any:
    return typer.main.get_command(app)


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Commands that do something, in the order in which help lists them."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
    else:
        for key, value in inner.items():
            yield from _walk(f"{name} {key}", value)


def _command(name: str, command: Any) -> str:
    text = inspect.cleandoc(command.help or "")
    usage = [name, *(_argument(p) for p in command.params if p.param_type_name == "argument")]
    usage += (
        ["[OPTIONS]"]
        if any(p.param_type_name == "option" and p.name != "help" for p in command.params)
        else []
    )
    rows = [_option(p) for p in command.params if not getattr(p, "hidden", False) and p.name != "help"]
    table = _table(["Argument or option", "Value", "Default", "Meaning"], rows) if rows else ""
    return f"## `{name}`\n\n{text}\n\n```text\n{' '.join(usage)}\n```\n\n{table}".rstrip()


def _argument(param: Any) -> str:
    return str(param.name).upper() + ("..." if param.nargs == -1 else "")


def _option(param: Any) -> list[str]:
    if param.param_type_name == "argument":
        return [
            f"`{_argument(param)}`",
            _values(param.type_descriptor.annotation, quote="").removeprefix("list of: "),
            "needed",
            _sentence(param.help or ""),
        ]
    kind = "" if param.is_flag else _values(param.type_descriptor.annotation, quote="")
    default = "needed" if param.required else ""
    if not param.required and not param.is_flag and param.default is not None and not callable(param.default):
        shown = param.default
        default = f"`{shown:%Y-%m-%d}`" if hasattr(shown, "strftime") else f"`{shown}`"
    return [", ".join(f"`{option}`" for option in param.opts), kind, default, _sentence(param.help or "")]


def _values(annotation: Any, quote: str = '"') -> str:
    """What a setting or an option takes, in words."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _values(inner[0], quote)
    if origin is typing.Literal:
        return ", ".join(f"`{quote}{value}{quote}`" for value in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_values(part, quote) for part in inner if part is not type(None))
    if origin is list:
        return f"list of: {_values(inner[0], quote)}"
    if origin is dict:
        return "table"
    if origin is tuple:
        if inner[-1] is Ellipsis:
            return f"list of: {_values(inner[0])}"
        return f"list of {len(inner)}: {_values(inner[0])}"
    names = {
        str: "text",
        int: "whole number",
        float: "number",
        Path: "path",
        bool: "`true`, `false`",
        datetime: "`YYYY-MM-DD`",
    }
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _toml(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple) and any(isinstance(row, BaseModel) for row in value):
        return "<br>".join(f"`{as_toml(row)}`" for row in value)
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}`"


def _objects(root: type, known: set[type]) -> str:
    return "\n\n".join(
        f"### {_heading(cls)}\n\n{_one_line(cls.__doc__)}\n\n{_table(['Field', 'Type', 'Meaning'], _fields(cls))}"
        for cls in _reached(root, known)
    )


def _heading(cls: type) -> str:
    """A class as its heading says it: two that are called alike also name the room they come from."""
    room = cls.__module__.split(".")[1]
    return f"`{cls.__name__}`{f' of {room}' if cls.__name__ in _ambiguous() and room != 'facts' else ''}"


@functools.cache
def _ambiguous() -> set[str]:
    """Names that several classes have."""
    roots = (
        reporter.report.context.ReportContext,
        reporter.facts.model.Facts,
        reporter.report.comparison.ComparisonContext,
    )
    known = {cls for root in roots for cls in _reached(root, set())}
    counted = collections.Counter(cls.__name__ for cls in known)
    return {name for name, number in counted.items() if number > 1}


def _reached(root: type, known: set[type]) -> list[type]:
    """Classes that one reaches from a class, itself first."""
    found: list[type] = []

    def visit(annotation: Any) -> None:
        for part in typing.get_args(annotation):
            visit(part)
        ours = inspect.isclass(annotation) and (
            dataclasses.is_dataclass(annotation) or issubclass(annotation, BaseModel)
        )
        if not ours or annotation in known or annotation in found:
            return
        found.append(annotation)
        for hint in typing.get_type_hints(annotation).values():
            visit(hint)

    visit(root)
    return found


def _fields(cls: type) -> list[list[str]]:
    hints = typing.get_type_hints(cls)
    if issubclass(cls, BaseModel):
        described = {name: field.description or "" for name, field in cls.model_fields.items()}
    else:
        notes = _notes(cls)
        described = {field.name: notes.get(field.name, "") for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    return [[f"`{name}`", _type(hints[name]), _sentence(text)] for name, text in described.items()]


def _notes(cls: type) -> dict[str, str]:
    """Field → the docstring below it."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    result = {}
    for item, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(item, ast.AnnAssign)
            and isinstance(item.target, ast.Name)
            and isinstance(after, ast.Expr)
        ):
            result[item.target.id] = _one_line(str(ast.literal_eval(after.value)))
    return result


def _type(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inner[0])
    if origin is typing.Literal:
        return ", ".join(f"`{value!r}`" for value in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join("`none`" if part is type(None) else _type(part) for part in inner)
    if origin is list:
        return f"list of {_type(inner[0])}"
    if origin is tuple:
        return f"list of {_type(inner[0])}" if inner[-1] is Ellipsis else f"{len(inner)} × {_type(inner[0])}"
    if origin is dict:
        return f"{_type(inner[0])} → {_type(inner[1])}"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if annotation in names:
        return names[annotation]
    name = getattr(annotation, "__name__", str(annotation))
    linked = inspect.isclass(annotation) and (
        dataclasses.is_dataclass(annotation) or issubclass(annotation, BaseModel)
    )
    return f"[{name}](#{_heading(annotation).lower().replace('`', '').replace(' ', '-')})" if linked else name


def _table(header: list[str], rows: list[list[str]]) -> str:
    keep = [place for place, _ in enumerate(header) if any(row[place] for row in rows)]
    lines = [[header[place] for place in keep], ["---"] * len(keep)]
    lines += [[row[place].replace("|", "\\|") for place in keep] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _one_line(text: str | None) -> str:
    """A docstring's first paragraph, with Markdown's single backticks."""
    return " ".join((text or "").strip().split("\n\n")[0].split()).replace("``", "`")


def _sentence(text: str) -> str:
    return _one_line(text).rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
