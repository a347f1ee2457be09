"""A file of lines that another process writes, read as it grows."""

from __future__ import annotations

from pathlib import Path

from bluegreen.errors import UserError


class Tail:
    """Whole lines only: what is torn is read when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0

    def lines(self) -> list[str]:
        """What has come since the last time. Raises UserError when it cannot be read."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                content = file.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UserError(f"{self._path}: cannot be read: {error.strerror}") from error
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        try:
            return whole.decode().splitlines()
        except UnicodeDecodeError as error:
            raise UserError(f"{self._path}: is not UTF-8 text") from error
