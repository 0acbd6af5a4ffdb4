"""The place of results: a folder that is written whole or not at all, and replaced only where it is ours."""

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reporter import scratch
from reporter.errors import NO_ROOM, UsageError

MANIFEST = "manifest.json"
MADE_BY = "reporter"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder; empty where it can't be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


@contextmanager
def write_whole(out: Path, *, force: bool) -> Iterator[Path]:
    """A temporary folder beside ``out`` that becomes ``out`` at the end, or goes.

    Raises:
        UsageError: ``out`` is there already and ``force`` is not given, is no folder of ours, or can't be written.
    """
    check_out(out, force=force)
    out = out.resolve()
    # Where folders can't be locked, each run has one of its own.
    held = out.with_name(f".{out.name}.reporter" + ("" if scratch.LOCKS else f"-{os.getpid()}"))
    made = [parent for parent in out.parents if not parent.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        taken = scratch.take(held)
    except OSError as error:
        raise _unwritable(out, error) from error
    if not taken:
        raise UsageError(
            f"{out}: another run is writing there now; wait until it has ended, or choose another --out."
        )
    try:
        part = _prepare(held, out)
        check_out(out, force=force)
        yield part
        _put(part, out, force=force)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise _unwritable(out, error) from error
        raise
    finally:
        scratch.give_back(held)
        for parent in made:
            # Those that hold something by now stay.
            with suppress(OSError):
                parent.rmdir()


def _old(out: Path) -> Path:
    """Where the old run waits while a new one takes its place."""
    return out.with_name(f".{out.name}.reporter-old")


def _prepare(held: Path, out: Path) -> Path:
    """An empty folder to write into; what a killed run left is put back or removed first."""
    scratch.clear(held)
    part, old = held / "new", _old(out)
    try:
        if old.exists() and not out.exists():
            old.rename(out)
        part.mkdir()
    except OSError as error:
        raise _unwritable(out, error) from error
    shutil.rmtree(old, ignore_errors=True)
    return part


def _put(part: Path, out: Path, *, force: bool) -> None:
    """Put the new folder into its place; the old one goes last, and comes back if the new one can't be put there."""
    # Something else may have come there since.
    check_out(out, force=force)
    try:
        if not out.exists():
            part.rename(out)
            return
        old = _old(out)
        out.rename(old)
        try:
            part.rename(out)
        except OSError:
            old.rename(out)
            raise
    except OSError as error:
        raise _unwritable(out, error) from error
    shutil.rmtree(old, ignore_errors=True)


def _unwritable(out: Path, error: OSError) -> UsageError:
    if error.errno in NO_ROOM:
        why = os.strerror(error.errno or 0)
        return UsageError(
            f"{out}: there is no room for the results ({why}); free some space or choose another --out."
        )
    return UsageError(f"{out}: can't be written ({error.strerror}); choose another --out.")


def check_out(out: Path, *, force: bool, inputs: Iterable[Path] = ()) -> None:
    """Refuse a place for results before any work is done.

    Args:
        out: the place.
        force: whether a folder of ours may be replaced.
        inputs: files of the run, which must not lie in it.

    Raises:
        UsageError: ``out`` is there already and ``force`` is not given, or is not ours to replace.
    """
    try:
        out.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        looped = error.errno == errno.ELOOP
        what = "is a link that leads back to itself" if looped else f"can't be written ({error.strerror})"
        raise UsageError(f"{out}: {what}; choose another --out.") from error
    if not out.is_dir():
        raise UsageError(f"{out}: is a file; give a folder with --out.")
    if not any(out.iterdir()):
        return
    if not force:
        raise UsageError(f"{out}: is there already; choose another --out, or replace it with --force.")
    if not _ours(out):
        raise UsageError(
            f"{out}: is not a folder that reporter wrote, so --force does not replace it; choose another --out."
        )
    for path in inputs:
        if path.resolve().is_relative_to(out.resolve()):
            raise UsageError(f"{path}: lies in the folder that --force would replace; choose another --out.")


def _ours(folder: Path) -> bool:
    """Whether a folder is one that we wrote: others have a file called manifest.json too."""
    return read_manifest(folder).get("made_by") == MADE_BY
