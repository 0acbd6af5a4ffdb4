"""The TOML files that a utility edits (programs, tariff, costs): read, validated, every error with file and line."""

import difflib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from reporter.errors import DataError, MissingFileError

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[int | str, ...]
"""Where a value stands in the tree: keys, and numbers of entries of a list."""

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?$")
_ASSIGNED = re.compile(rf"^\s*({_DOTTED})\s*=")


def read_toml(path: Path, model: type[Model], what: str) -> Model:
    """A TOML file as a model.

    Args:
        path: the file.
        model: what it must hold.
        what: the file in words, such as ``the catalogue of programs``.

    Raises:
        DataError: the file can't be read, or a key is unknown, missing or not valid: with its line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingFileError(path) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise DataError(f"{path}: {what} can't be read ({reason}).") from error
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{_at_syntax(path, text, str(error))}; mend that line.") from error
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        first = _telling(error.errors())
        raise DataError(
            f"{path}, line {line_of(text, first['loc'])}: {_said(first, tree, model)}."
        ) from error


def line_of(text: str, place: Place) -> int:
    """Line of a value in a TOML text, from 1; where it is missing, that of the table it belongs into.

    A scan line by line: tables by their headers, keys by their names. A key inside an inline table or a list has the line of
    the key that holds it.
    """
    wanted = list(place)
    best, best_depth = 1, 0
    table: list[int | str] = []
    counts: dict[tuple[int | str, ...], int] = {}
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_inside = inside
        inside ^= (line.count('"""') + line.count("'''")) % 2 == 1
        if was_inside:  # of a text of several lines
            continue
        header, key = _HEADER.match(line), _ASSIGNED.match(line)
        if header:
            table = _resolved(_parts(header[2]), counts, is_list=header[1] == "[[")
            found = table
        elif key:
            found = [*table, *_parts(key[1])]
        else:
            continue
        depth = _common(found, wanted)
        # A whole prefix counts: the table of a missing key, the list of a wrong entry.
        if depth == len(found) and depth > best_depth:
            best, best_depth = number, depth
    return best


def _resolved(
    names: list[str], counts: dict[tuple[int | str, ...], int], *, is_list: bool
) -> list[int | str]:
    """A header's names with the number of the entry after each list of tables."""
    resolved: list[int | str] = []
    for position, name in enumerate(names):
        resolved.append(name)
        here = tuple(resolved)
        if is_list and position == len(names) - 1:
            counts[here] = counts.get(here, -1) + 1
        if here in counts:
            resolved.append(counts[here])
    return resolved


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(_KEY, dotted)]


def _common(found: list[int | str], wanted: list[int | str]) -> int:
    same = 0
    for one, other in zip(found, wanted, strict=False):
        if one != other:
            break
        same += 1
    return same


def _at_syntax(path: Path, text: str, message: str) -> str:
    match = re.search(r" \(at line (\d+), column (\d+)\)", message)
    line = match[1] if match else str(text.count("\n") + 1)
    reason = message.replace(match[0], "") if match else message.replace(" (at end of document)", "")
    return f"{path}, line {line}: this is no TOML ({reason[:1].lower()}{reason[1:]})"


def _telling(errors: Sequence[Any]) -> Any:
    """The first error; where a key beside it is unknown, that one: a key written wrong is missing too."""
    first = errors[0]
    beside = first["loc"][:-1]
    unknown = [
        error
        for error in errors
        if error["type"] == "extra_forbidden" and error["loc"][: len(beside)] == beside
    ]
    if not beside:
        # At the top there are many keys: only one that looks like the missing one.
        unknown = [
            error
            for error in unknown
            if difflib.get_close_matches(str(error["loc"][-1]), [str(first["loc"][-1])])
        ]
    return unknown[0] if unknown else first


PLAIN = {
    "tuple_type": "it is a list, in [brackets]",
    "list_type": "it is a list, in [brackets]",
    "missing": "an entry is missing",
    "too_long": "it has too many entries",
    "too_short": "it has too few entries",
    "string_too_short": "it is empty",
    "string_pattern_mismatch": "small letters, digits and hyphens only",
    "string_type": "write a text in quotes",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "date_from_datetime_parsing": "write a date such as 2026-07-01",
}
"""Kind of error → what to write, where the checker's own words are not a user's."""


def _said(error: Any, tree: dict[str, Any], model: type[BaseModel]) -> str:
    """What is wrong with a value, in a clause."""
    place, kind, message = error["loc"], error["type"], error["msg"]
    name = _name(place, tree)
    if kind == "missing":
        return f"{name} is missing"
    if kind == "extra_forbidden":
        known = sorted(_keys(model, place))
        near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.5)
        keys = f"; the keys are {', '.join(known)}" if known else ""
        return f"{name} is no key here" + (f"; did you mean '{near[0]}'" if near else keys)
    if kind == "value_error":
        said = str(error["ctx"]["error"])
        return f"{name}: {said}" if place else said
    value = error["input"]
    shown = f" = {value!r}" if isinstance(value, str | int | float | bool) else ""
    message = PLAIN.get(kind, message)
    return f"{name}{shown} is not valid: {message[:1].lower()}{message[1:]}"


def _name(place: Place, tree: dict[str, Any]) -> str:
    """A place in a user's words: ``'effect.low' of the program 'rebate'``."""
    value: Any = tree
    owner = ""
    keys: list[str] = []
    previous = ""
    for number, part in enumerate(place):
        # Not a key but one of several types that the checker tried.
        tried = number < len(place) - 1 and isinstance(value, dict) and part not in value
        if isinstance(part, str) and ("[" in part or tried):
            continue
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
            if isinstance(value, dict):
                label = value.get("id") or value.get("name")
                owner = f" of the {previous} '{label}'" if label else f" of {previous} number {part + 1}"
                keys = []
            continue
        previous = part
        keys.append(part)
        value = value.get(part) if isinstance(value, dict) else None
    return f"'{'.'.join(keys)}'{owner}" if keys else owner.removeprefix(" of ").strip() or "the file"


def _keys(model: type[BaseModel], place: Place) -> set[str]:
    """Keys that the table at a place may have."""
    fields: Any = model
    for part in place[:-1]:
        if isinstance(part, int):
            continue
        field = getattr(fields, "model_fields", {}).get(part)
        fields = _model_in(field.annotation) if field is not None else None
    return set(getattr(fields, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    """The model in a type such as ``Effect | None`` or ``tuple[Program, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (found := _model_in(inner)) is not None:
            return found
    return None
