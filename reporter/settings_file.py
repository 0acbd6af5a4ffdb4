"""Settings as text: a value as TOML, and a settings file to begin with."""

import json
import textwrap
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from reporter.settings import Settings

_WIDTH = 100
_HEAD = """\
# Settings of reporter. Each is given with its default and commented out: take the # away before a
# name (and before the other lines of a list) and change its value. "" stands for a setting that is not given.
#
# A flag beats an environment variable (REPORTER_SEGMENTS__K_MAX=8), that beats this file in the
# working folder, that beats ~/.config/reporter/reporter.toml. `reporter config show` says which counts.
"""


def settings_template() -> str:
    """A TOML file with every setting, its description, and its default commented out, section by section."""
    defaults = Settings()
    plain: list[str] = []
    sections: list[str] = []
    for name, field in Settings.model_fields.items():
        default = getattr(defaults, name)
        if isinstance(default, BaseModel):
            sections += ["", *_comment(type(default).__doc__ or ""), f"[{name}]"]
            for key, inner in type(default).model_fields.items():
                sections += _setting(key, inner, getattr(default, key))
        else:
            plain += _setting(name, field, default)
    return _HEAD + "\n".join([*plain, *sections]) + "\n"


def as_toml(value: Any) -> str:
    """A setting's value as TOML writes it; ``""`` for one that is not given."""
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | Path):
        # JSON escapes what TOML wants escaped, but for one character.
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, BaseModel):
        given = value.model_dump(exclude_defaults=True)
        return f"{{ {', '.join(f'{key} = {as_toml(inner)}' for key, inner in given.items())} }}"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{as_toml(key)} = {as_toml(inner)}" for key, inner in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(as_toml, value))}]"
    return repr(value)


def _setting(name: str, field: FieldInfo, default: Any) -> list[str]:
    choices = [as_toml(choice) for choice in _choices(field.annotation)]
    description = f"{field.description}: {', '.join(choices)}" if choices else field.description or ""
    return ["", *_comment(description), *(f"#{line}" for line in _assigned(name, default))]


def _assigned(name: str, value: Any) -> list[str]:
    """The setting's line; a long list has one value to the line, so that it can be read and edited."""
    line = f"{name} = {as_toml(value)}"
    if len(line) <= _WIDTH or not isinstance(value, tuple):
        return [line]
    return [f"{name} = [", *(f"    {as_toml(row)}," for row in value), "]"]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _choices(annotation: Any) -> Iterator[Any]:
    """The values that a setting may take, where its type lists them."""
    if typing.get_origin(annotation) is Literal:
        yield from typing.get_args(annotation)
    else:
        for part in typing.get_args(annotation):
            yield from _choices(part)
