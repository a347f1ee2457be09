"""An inbox as a folder of small files beside the journal: `00000001.json`, `00000002.json`, ...

A file is written under another name first and then linked to the next free number, which is atomic: nobody sees half of
one, and of two who want the same number one gets it and the other takes the next.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from bluegreen.control.inbox import COMMAND
from bluegreen.errors import UserError
from bluegreen.model import Command


def inbox_beside(journal: Path) -> FolderInbox:
    """The inbox of the rollout that is kept in `journal`."""
    return FolderInbox(journal.with_name(journal.name + ".inbox"))


class FolderInbox:
    """`bluegreen.control.inbox.Inbox` in a folder, which is made when the first command is sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, command: Command) -> None:
        """Raises UserError when the folder cannot be written."""
        draft = self.folder / f".{command.id}.draft"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if all(sent.id != command.id for sent in self.all()):
                _write(draft, COMMAND.dump_json(command))
                self._number(draft)
                draft.unlink()
        except OSError as error:
            raise UserError(f"{self.folder}: the command cannot be put there: {error.strerror}") from error

    def all(self) -> tuple[Command, ...]:
        return tuple(command for path in self._files() if (command := _read(path)))

    def damaged(self) -> tuple[Path, ...]:
        """Files that look like commands and cannot be read: nobody obeys them."""
        return tuple(path for path in self._files() if _read(path) is None)

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.json") if path.stem.isdigit())

    def _number(self, draft: Path) -> None:
        """Give it the next free number."""
        number = max((int(path.stem) for path in self._files()), default=0) + 1
        while True:
            try:
                os.link(draft, self.folder / f"{number:08d}.json")
            except FileExistsError:
                number += 1
            else:
                return _sync(self.folder)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def _sync(folder: Path) -> None:
    """A name is only safe once its folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Command | None:
    try:
        return COMMAND.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
