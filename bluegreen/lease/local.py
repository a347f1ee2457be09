"""The lease of a service on one machine: a locked file. The operating system lets go of it when the engine dies,
however it dies, so there is nothing to renew and nothing to wait for.

Each engine that gets it adds a line: the last one says who, and lines before it who had it before.
"""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from bluegreen.errors import LeaseLost, UserError
from bluegreen.lease.holder import HOLDER, Holder, in_use, lost
from bluegreen.lease.place import VARIABLE

TRIES = 5


class FileLease:
    """`bluegreen.ports.Lease` on a file. Raises InUse when it is held, UserError when the file cannot be used."""

    def __init__(self, path: Path, me: Holder) -> None:
        self.path, self.holder = path, me
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            why = f"{error.strerror}; {VARIABLE} may name another folder for locks"
            raise UserError(f"{path}: cannot be opened as a lock: {why}") from error
        before = holder_in(path)
        if not lock(self._file):
            os.close(self._file)
            raise in_use(path.stem, before)
        before = holder_in(path)  # whoever held it until now may have written since
        self.holder = replace(me, fence=before.fence + 1 if before else 1)
        self._sign()

    def renew(self) -> None:
        """The lock cannot be taken from us; the file can, by someone who removes it."""
        if self._there() != os.fstat(self._file).st_ino:
            raise self.lost()

    def lost(self) -> LeaseLost:
        return lost(self.path.stem, self.holder, holder_in(self.path))

    def release(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _sign(self) -> None:
        line = HOLDER.dump_json(self.holder) + b"\n"
        torn = b"" if self._whole() else b"\n"
        os.write(self._file, torn + line)
        os.fsync(self._file)

    def _whole(self) -> bool:
        content = self.path.read_bytes()
        return not content or content.endswith(b"\n")

    def _there(self) -> int | None:
        try:
            return self.path.stat().st_ino
        except OSError:
            return None


def lock(file: int) -> bool:
    """Lock an open file. `is_locked` looks by locking for an instant, which must not turn an engine away."""
    for _ in range(TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            select.select([], [], [], 0.02)
        else:
            return True
    return False


def is_locked(path: Path) -> bool:
    """Whether an engine has this file now."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def holder_in(path: Path) -> Holder | None:
    """The last engine that got the lease."""
    return next(iter(holders_in(path)), None)


def holders_in(path: Path) -> Iterator[Holder]:
    """The engines that got the lease, newest first. A line torn by a crash is passed over."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return
    for line in reversed(lines):
        try:
            yield HOLDER.validate_json(line)
        except ValidationError:
            continue
