"""The system libraries that make the PDF: which they are, how to get them, and what it means when they fail.

Run by its path it loads each of them and says what happened: in a process of its own, since native code can crash.
It imports nothing of the package.
"""

import contextlib
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Library:
    """A system library, and the names it goes by on Linux, macOS and Windows."""

    title: str
    files: tuple[str, ...]
    needed: bool = True
    version: str = ""
    """Its function that tells its version as text."""


# The names that WeasyPrint tries, in its order; a test holds them equal.
LIBRARIES = (
    Library(
        "GLib",
        (
            "libgobject-2.0-0", "gobject-2.0-0", "gobject-2.0",
            "libgobject-2.0.so.0", "libgobject-2.0.0.dylib", "libgobject-2.0-0.dll",
        ),
    ),
    Library(
        "Pango",
        (
            "libpango-1.0-0", "pango-1.0-0", "pango-1.0",
            "libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll",
        ),
        version="pango_version_string",
    ),
    Library(
        "PangoFT2",
        (
            "libpangoft2-1.0-0", "pangoft2-1.0-0", "pangoft2-1.0",
            "libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll",
        ),
    ),
    Library(
        "Fontconfig",
        (
            "libfontconfig-1", "fontconfig-1", "fontconfig",
            "libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll",
        ),
    ),
    Library(
        "HarfBuzz",
        (
            "libharfbuzz-0", "harfbuzz", "harfbuzz-0.0",
            "libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll",
        ),
        version="hb_version_string",
    ),
    Library(
        "HarfBuzz subset",
        (
            "libharfbuzz-subset-0", "harfbuzz-subset", "harfbuzz-subset-0.0",
            "libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll",
        ),
        needed=False,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Remedy:
    """What installs the libraries on this system."""

    command: str
    note: str = ""
    """What else to know, as a clause."""


def remedy() -> Remedy:
    """What installs the libraries on this system; ``command`` is empty where we know none."""
    if sys.platform == "darwin":
        return Remedy("brew install pango", "untried; README.md says more")
    if sys.platform == "win32":
        return Remedy(
            "pacman -S mingw-w64-x86_64-pango", "in the shell of MSYS2; untried; README.md says more"
        )
    if shutil.which("apt-get"):
        packages = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        known = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
        first = "" if known else f"{_as_root()}apt update && "  # a container's image comes without its lists
        return Remedy(f"{first}{_as_root()}apt install {packages}")
    return Remedy("", "install Pango and HarfBuzz with the system's package manager; untried")


def _as_root() -> str:
    return "sudo " if hasattr(os, "geteuid") and os.geteuid() != 0 and shutil.which("sudo") else ""


def failure(status: int, errors: str) -> str:
    """Why the PDF could not be made, as a clause: from the exit status and the messages of the process that tried."""
    last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "no message")
    if "cannot load library" in errors or "WeasyPrint could not import" in errors:
        return f"the PDF engine needs Pango and HarfBuzz, which are missing; {_advice()}"
    if "No module named 'weasyprint'" in errors:
        return "the Python package 'weasyprint' is missing; install reporter again"
    if "MemoryError" in errors:
        return "memory ran out; the HTML report holds the same"
    if status < 0:
        return f"the PDF engine crashed (signal {-status}); Pango and HarfBuzz may be broken: {_advice()}"
    return last.rstrip(".")


def _advice() -> str:
    found = remedy()
    if not found.command:
        return found.note
    return f"install them with '{found.command}'" + (f" ({found.note})" if found.note else "")


def load(library: Library) -> tuple[bool, str]:
    """Whether a library loads, and its version or why not. Call it where a crash does no harm."""
    import cffi  # type: ignore[import-untyped]

    ffi = cffi.FFI()
    for function in {library.version} - {""}:
        ffi.cdef(f"const char *{function} (void);")
    found: Any = None
    broken = ""
    for name in library.files:
        try:
            found = ffi.dlopen(name)
            break
        except OSError as error:
            reason = str(error).split("': ", 1)[-1].split(".  Additionally", 1)[0]
            broken = broken or ("" if "no such file" in reason.lower() else f"does not load ({reason})")
    if found is None:
        return False, broken or "not found"
    if not library.version:
        return True, ""
    tell = getattr(found, library.version, None)
    return (True, ffi.string(tell()).decode()) if tell else (False, "found, but broken")


def _windows_folders() -> None:
    """Where WeasyPrint looks on Windows."""
    usual = r"C:\msys64\ucrt64\bin;C:\msys64\mingw64\bin;C:\Program Files\GTK3-Runtime Win64\bin"
    for folder in os.environ.get("WEASYPRINT_DLL_DIRECTORIES", usual).split(";"):
        with contextlib.suppress(OSError):
            os.add_dll_directory(folder)  # type: ignore[attr-defined,unused-ignore]


def main() -> None:
    """Load each library; one line of JSON each, written at once, so that a crash leaves the lines before it."""
    if hasattr(os, "add_dll_directory"):
        _windows_folders()
    for library in LIBRARIES:
        sys.stdout.write(json.dumps(load(library)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
