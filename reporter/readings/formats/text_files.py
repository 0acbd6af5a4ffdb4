"""Text files as they come: compressed or not, in UTF-8 or not → what the engine reads."""

import codecs
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from reporter.errors import DataError
from reporter.readings.engine import LocalEngine

Compression = Literal["none", "gzip", "zstd"]

_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LATIN = "cp1252"
_CHUNK = 1 << 20
_MOST_RATIO, _SMALL = 300, 1 << 28
"""A text of readings shrinks to a hundredth at best; beyond this, and not small, it is a trap."""

BROKEN = (OSError, EOFError, zlib.error, UnicodeError, pa.ArrowException)
"""What reading a damaged file raises."""


@dataclass(frozen=True)
class TextFile:
    """A text file that the engine can read: the user's own, or a copy in UTF-8."""

    path: Path
    """What is read."""
    file: Path
    """The user's file."""
    compression: Compression
    encoding: str
    assumed: bool
    """Whether the encoding is a guess."""

    def open(self) -> io.TextIOBase:
        """The text from its start."""
        return io.TextIOWrapper(opened(self.path, self.compression), encoding="utf-8-sig", newline="")


def prepare(file: Path, engine: LocalEngine, encoding: str | None, number: int) -> TextFile:
    """A file as text in UTF-8, copied where it is written otherwise.

    Args:
        file: the user's file.
        engine: has a folder for copies.
        encoding: as the settings say.
        number: names the copy.

    Raises:
        DataError: it is cut short, damaged, no text, or of an unknown encoding.
    """
    compression = compression_of(file)
    try:
        found, assumed = _encoding(file, compression, encoding)
        if compression != "none":
            _check_whole(file, compression)
        if found in {"utf-8", "utf-8-sig"}:
            return TextFile(file, file, compression, found, assumed=False)
        copy = engine.folder / f"text-{number}.csv"
        _copy(file, compression, found, copy)
    except BROKEN as error:
        raise DataError(
            f"{file}: not readable as text ({_reason(error)}); export it again as CSV in UTF-8."
        ) from error
    engine.known_as(copy, file)
    return TextFile(copy, file, "none", found, assumed)


def compression_of(file: Path) -> Compression:
    """How a file is compressed, by its first bytes."""
    with file.open("rb") as stream:
        start = stream.read(4)
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "none")


def first_bytes(file: Path, size: int = 4096) -> bytes:
    """The first bytes of what a file holds, unpacked; nothing where it can't be unpacked."""
    try:
        with opened(file, compression_of(file)) as stream:
            return bytes(stream.read(size))
    except BROKEN:
        return b""


def opened(file: Path, compression: Compression) -> Any:
    """The bytes of a file, unpacked."""
    if compression == "gzip":
        return gzip.open(file)
    if compression == "zstd":
        return io.BufferedReader(_Zstd(file), _CHUNK)
    return file.open("rb")


class _Zstd(io.RawIOBase):
    """A zstd file, read to its end or not at all."""

    def __init__(self, file: Path) -> None:
        self._stream = pa.input_stream(str(file), compression="zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _encoding(file: Path, compression: Compression, given: str | None) -> tuple[str, bool]:
    """The encoding of a text, and whether that is a guess."""
    with opened(file, compression) as stream:
        start = bytes(stream.read(_CHUNK))
    if given is not None:
        return codecs.lookup(given).name, False
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name, False
    head = start[:4096]
    if len(head) > 3 and head.count(0) > len(head) // 3:
        return ("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"), True
    try:
        # The last bytes may be a character cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return _LATIN, True
    return "utf-8", False


def is_utf8(text: TextFile) -> bool:
    """Whether all of a text is UTF-8, which its start alone can't tell."""
    decode = codecs.getincrementaldecoder("utf-8")()
    try:
        with opened(text.path, text.compression) as stream:
            while data := stream.read(_CHUNK):
                decode.decode(data)
            decode.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _copy(file: Path, compression: Compression, encoding: str, copy: Path) -> None:
    """Write a text again in UTF-8."""
    decode = codecs.getincrementaldecoder(encoding)()
    with opened(file, compression) as stream, copy.open("w", encoding="utf-8", newline="") as out:
        while data := stream.read(_CHUNK):
            text = decode.decode(data)
            if encoding == _LATIN and any(ord(sign) < 32 and sign not in "\t\n\r\f\v" for sign in set(text)):
                raise UnicodeError("it holds bytes that no text has")
            out.write(text)
        out.write(decode.decode(b"", final=True))


def _check_whole(file: Path, compression: Compression) -> None:
    """Read a packed file to its end: the engine takes what a cut one still holds, and says nothing."""
    most = max(_SMALL, _MOST_RATIO * file.stat().st_size)
    size = 0
    with opened(file, compression) as stream:
        while data := stream.read(_CHUNK):
            size += len(data)
            if size > most:
                raise DataError(
                    f"{file}: it unpacks to more than {_MOST_RATIO} times its size, as no readings do; unpack it yourself if it is right."
                )


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__
