"""The journal as a local file: JSON lines, each safe on disk before the engine acts on it.

A line torn by a crash can only be the last one; it was never acted on, so it is cut off. Anything else that is
not an entry means that the file is damaged or is no journal, and nothing may be done on it. The file is locked
while it is open: two engines on one journal would act twice.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from bluegreen.errors import UserError
from bluegreen.journal.entries import ENTRY, Entry, Started


class FileJournal:
    """`bluegreen.ports.Journal` on a file."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`. Raises UserError when it is in use, damaged, or no journal."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise UserError(f"{path}: cannot be opened as a journal: {error.strerror}") from error
        try:
            self._lock()
            self._entries = self._read()
        except UserError:
            self.close()
            raise

    def append(self, entry: Entry) -> None:
        line = ENTRY.dump_json(entry) + b"\n"
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)
        self._entries.append(entry)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"{self.path}: another engine is working on this rollout") from error

    def _read(self) -> list[Entry]:
        content = self.path.read_bytes()
        whole, newline, torn = content.rpartition(b"\n")
        lines = whole.split(b"\n") if newline else []
        entries = [self._parse(line, number) for number, line in enumerate(lines, 1)]
        if entries and not isinstance(entries[0], Started):
            raise UserError(f"{self.path}:1: a journal begins with its start, this is another entry")
        if torn and not entries and not b'{"at":'.startswith(torn[:6]):
            raise UserError(f"{self.path}: is not a journal of a rollout; nothing was changed")
        if torn:
            os.ftruncate(self._file, len(whole) + len(newline))
        return entries

    def _parse(self, line: bytes, number: int) -> Entry:
        try:
            return ENTRY.validate_json(line)
        except ValidationError as error:
            raise UserError(
                f"{self.path}:{number}: is not an entry of a rollout's journal; the file is damaged or something else."
                " Nothing was changed"
            ) from error
