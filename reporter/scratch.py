"""Folders for work under way: held by a lock, gone with the process, and cleared by the next run where it was killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks
    fcntl = None  # type: ignore[assignment]

LOCKS = fcntl is not None
"""Whether a folder can tell that its owner is gone."""
_LOCK = ".lock"
_PREFIX = "reporter-"
_held: dict[Path, int] = {}


def take(folder: Path) -> bool:
    """Make a folder ours, empty or with what a killed owner left in it; False where a living process holds it.

    Raises:
        OSError: it can't be made.
    """
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            # Its owner has just given it back.
            continue
        if not _locked(handle):
            os.close(handle)
            return False
        if _is_there(handle, folder):
            _held[folder] = handle
            return True
        os.close(handle)


def clear(folder: Path) -> None:
    """Remove what is in a folder of ours, but for the lock."""
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.name == _LOCK:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)


def give_back(folder: Path) -> None:
    """Remove a folder of ours. The lock goes last, so that nobody fills the folder while it is being emptied."""
    clear(folder)
    with suppress(OSError):
        (folder / _LOCK).unlink(missing_ok=True)
        folder.rmdir()
    handle = _held.pop(folder, None)
    if handle is not None:
        os.close(handle)


def give_back_all() -> None:
    """Remove every folder that this process holds: for an end that waits for nothing."""
    for folder in list(_held):
        give_back(folder)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for temporary files, in TMPDIR; those of killed runs there are removed first."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    while not take(folder):
        # Another run, at its sweeping, was between the two lines.
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        yield folder
    finally:
        give_back(folder)


def _sweep(place: Path) -> None:
    """Remove temporary folders whose process is gone."""
    if not LOCKS:
        return
    for lock in place.glob(f"{_PREFIX}*/{_LOCK}"):
        # Others' folders, and those that vanish meanwhile, are none of our business.
        with suppress(OSError):
            handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            if _locked(handle, sure=True) and _is_there(handle, lock.parent):
                _held[lock.parent] = handle
                give_back(lock.parent)
            else:
                os.close(handle)


def _locked(handle: int, *, sure: bool = False) -> bool:
    """Lock a file for as long as the process lives; False where another process has it or, where it must be sure, may have."""
    if not LOCKS:
        return not sure
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: its folders are used, and only their own process removes them.
        return not sure
    return True


def _is_there(handle: int, folder: Path) -> bool:
    """Whether an open lock is still the folder's, and not that of one that was removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), (folder / _LOCK).stat())
    except FileNotFoundError:
        return False
