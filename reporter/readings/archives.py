"""ZIP files → files of ours, with bounds on what may come out of them."""

import re
import zipfile
import zlib
from pathlib import Path

from reporter.errors import DataError

_MOST_FILES = 10_000
_MOST_RATIO, _SMALL = 300, 1 << 28
"""Readings shrink to a hundredth at best; beyond this, and not small, it is a trap."""
_CHUNK = 1 << 20


def is_zip(file: Path) -> bool:
    """Whether the file's name is that of a ZIP file."""
    return file.suffix.lower() == ".zip"


def unpack(file: Path, folder: Path) -> dict[Path, str]:
    """Unpack a ZIP file: copies of its files → the names that they have in it.

    No name of the archive becomes a path: copies are numbered, and keep of the name what no system minds.

    Raises:
        DataError: it is broken, locked, or unpacks to far more than readings do.
    """
    most = max(_SMALL, _MOST_RATIO * file.stat().st_size)
    copies: dict[Path, str] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > _MOST_FILES or sum(member.file_size for member in members) > most:
                raise _trap(file)
            for number, member in enumerate(members):
                if member.flag_bits & 1:
                    raise DataError(f"{file}: it is locked by a password; unpack it first.")
                name = member.filename.replace("\\", "/").rpartition("/")[2]
                if name.startswith(".") or member.file_size == 0:
                    continue
                inner = folder / f"{number}"
                inner.mkdir(parents=True)
                copy = inner / (re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:] or "file")
                most -= _copy(archive, member, copy, most, file)
                copies[copy] = member.filename
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise DataError(
            f"{file}: not a readable ZIP file ({' '.join(str(error).split())[:120]}); download it again."
        ) from error
    return copies


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, copy: Path, most: int, file: Path) -> int:
    size = 0
    with archive.open(member) as stream, copy.open("wb") as out:
        while data := stream.read(_CHUNK):
            size += len(data)
            if size > most:
                raise _trap(file)
            out.write(data)
    return size


def _trap(file: Path) -> DataError:
    return DataError(
        f"{file}: it unpacks to more than {_MOST_RATIO} times its size, as no readings do; unpack it yourself if it is right."
    )
