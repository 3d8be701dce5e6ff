"""Locks that end with their processes, however those end: which folder is still written into."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class Claim:
    """A lock.  It ends when the process that took it has ended, and all that were given its handle.

    On Windows nobody can be given it: there a worker may outlive it by a moment.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle
        """The descriptor that a started program is given to hold the lock, too."""

    @classmethod
    def take(cls, file: Path) -> Claim | None:
        """Lock a file; None where somebody has it.  Raises ``OSError`` where it cannot be written."""
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return None
        return cls(handle)

    def release(self) -> None:
        """Let go of it."""
        os.close(self.handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
