"""Paths on the command line → files: folders, patterns, and what lies beside the readings."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reporter.errors import DataError

Known = Callable[[Path], bool]


@dataclass(frozen=True)
class Found:
    """Files to read, and files beside them that hold no readings."""

    files: list[Path]
    ignored: list[Path]


def find(paths: list[Path], known: Known, formats: str) -> Found:
    """The files that paths, folders and patterns stand for, each once, in a fixed order.

    Args:
        paths: as they were given.
        known: whether a file's name (and, where that says little, its content) is that of readings.
        formats: what reporter reads, for messages.

    Raises:
        DataError: a path is missing or empty, or nothing readable is there.
    """
    files: list[Path] = []
    ignored: list[Path] = []
    for path in paths:
        for place in _places(path):
            if place.is_dir():
                inside = sorted(_inside(place))
                usable = [p for p in inside if known(p)]
                if not usable:
                    raise DataError(f"{place}: the folder holds no readings; reporter reads {formats}.")
                files += usable
                ignored += [p for p in inside if p not in set(usable)]
            elif place.is_file():
                if place.stat().st_size == 0:
                    raise DataError(f"{place}: the file is empty; export it again or leave it out.")
                if not known(place):
                    raise DataError(f"{place}: not a format that reporter reads ({formats}).")
                files.append(place)
            else:
                raise DataError(f"{place}: is neither a file nor a folder that can be read; check the path.")
    for file in files:
        if file.stat().st_size == 0:
            raise DataError(f"{file}: the file is empty; export it again or leave it out.")
    # One file reached by two paths is still one file.
    by_place = {file.resolve(): file for file in reversed(files)}
    return Found(sorted(by_place.values()), ignored)


def _places(path: Path) -> list[Path]:
    """The path itself, or what it matches as a pattern; a file of that very name wins."""
    if "\0" in str(path):
        raise DataError("A path holds a NUL byte; check the command.")
    if os.path.lexists(path):
        return [path]
    if re.search(r"[*?\[]", str(path)):
        anchor = Path(path.anchor) if path.anchor else Path()
        try:
            matched = sorted(anchor.glob(str(path.relative_to(path.anchor) if path.anchor else path)))
        except (ValueError, OSError):
            matched = []
        if not matched:
            raise DataError(f"{path}: no file matches this pattern; check the path.")
        return matched
    raise DataError(f"{path}: no such file or folder; check the path.")


def _inside(folder: Path) -> Iterator[Path]:
    """Files in a folder and below, but for those out of sight, such as an editor's copy of the readings."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        try:
            if not hidden and path.is_file():
                yield path
        except OSError:  # such as a loop of links
            continue


def states(files: list[Path]) -> dict[Path, tuple[int, int] | None]:
    """Size [bytes] and time of the last change [ns] of files; None where one is gone."""
    return {file: _state(file) for file in files}


def check_unchanged(before: dict[Path, tuple[int, int] | None]) -> None:
    """Refuse readings whose file something else wrote to, or took away, while they were read.

    Raises:
        DataError: a file is not as it was.
    """
    for file, state in before.items():
        now = _state(file)
        if now is None:
            raise DataError(f"{file}: the file is gone; leave it where it is until the run has read it.")
        if now != state:
            raise DataError(
                f"{file}: the file changed while it was read; run again when nothing writes to it, or on a copy."
            )


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
