"""Errors that a user can act on: one clear sentence and the exit status of the contract."""

import errno

NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
"""Errors of the system that say there is no room for a file."""


class ReporterError(Exception):
    """Something the user can mend. The message is one sentence: what, where, and what to do."""

    exit_status = 70

    def __init__(self, message: str) -> None:
        # What a file holds is quoted in messages: it must not break the line or steer the terminal.
        super().__init__("".join(c if c.isprintable() else " " for c in message))


class UsageError(ReporterError):
    """A flag, a setting or a path is wrong."""

    exit_status = 2


class DataError(ReporterError):
    """The input data can't be used."""

    exit_status = 3


class MissingFileError(DataError):
    """A file is not there."""

    def __init__(self, path: object, flag: str = "") -> None:
        given = f" (given with {flag})" if flag else ""
        super().__init__(f"{path}: no such file{given}; check the path.")


class RenderingError(ReporterError):
    """The run folder is complete but for a rendered file."""

    exit_status = 4
