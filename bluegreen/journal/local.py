"""The journal as a local file: JSON lines, each safe on disk before the engine acts on it.

A line torn by a crash can only be the last one; it was never acted on, so it is cut off. Anything else that is
not an entry means that the file is damaged or is no journal, and nothing may be done on it. The file is locked
while it is open: two engines on one journal would act twice.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from bluegreen.errors import InUse, Unreachable, UserError
from bluegreen.journal.entries import ENTRY, Entry, Started
from bluegreen.journal.fold import by_whom
from bluegreen.lease.local import lock


class FileJournal:
    """`bluegreen.ports.Journal` on a file."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`. Raises InUse when an engine has it, UserError when it is damaged or no journal."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            for folder in (path.parent, path.parent.parent):
                _sync(folder)
        except OSError as error:
            raise UserError(f"{path}: cannot be opened as a journal: {error.strerror}") from error
        try:
            if not lock(self._file):
                raise self._in_use()
            entries, self._size = _parse(path)
            self._entries = list(entries)
        except UserError:
            self.close()
            raise
        os.ftruncate(self._file, self._size)

    def append(self, entry: Entry) -> None:
        """Raises Unreachable when it cannot be written (a full disk): then it is as if it had never been tried."""
        line = ENTRY.dump_json(entry) + b"\n"
        try:
            self._cut_off()  # what is left of an entry that could not be written, nor cut off then
            self._write(line)
        except OSError as error:
            with suppress(OSError):
                self._cut_off()
            raise Unreachable(f"{self.path}: cannot be written: {error.strerror}") from error
        self._size += len(line)
        self._entries.append(entry)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cut_off(self) -> None:
        if os.fstat(self._file).st_size != self._size:
            os.ftruncate(self._file, self._size)

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)

    def _in_use(self) -> InUse:
        who = by_whom(read_entries(self.path))
        return InUse(
            f"{self.path}: another engine is working on this rollout{f': {who}' if who else ''}. Nothing was done."
            " See it with `bluegreen status`, or ask it to stop with `bluegreen abort`"
        )


def _sync(folder: Path) -> None:
    """A file's name is only safe once its folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_entries(path: Path) -> tuple[Entry, ...]:
    """The entries of a journal that somebody else may be writing. Raises UserError when it is damaged or no journal."""
    return _parse(path)[0]


def _parse(path: Path) -> tuple[tuple[Entry, ...], int]:
    """The entries, and the length of what they fill: after it is at most one torn line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    whole, newline, torn = content.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    entries = tuple(_entry(path, line, number) for number, line in enumerate(lines, 1))
    if entries and not isinstance(entries[0], Started):
        raise UserError(f"{path}:1: a journal begins with its start, this is another entry")
    if torn and not entries and not b'{"at":'.startswith(torn[:6]):
        raise UserError(f"{path}: is not a journal of a rollout; nothing was changed")
    return entries, len(whole) + len(newline)


def _entry(path: Path, line: bytes, number: int) -> Entry:
    try:
        return ENTRY.validate_json(line)
    except ValidationError as error:
        raise UserError(
            f"{path}:{number}: is not an entry of a rollout's journal; the file is damaged or something else."
            " Nothing was changed"
        ) from error
