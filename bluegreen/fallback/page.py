"""The page's folder as the files of a site."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from bluegreen.errors import UserError

INDEX = "index.html"
MOST, LARGEST = 100, 5_000_000
"""Files, and bytes of one: this is a page that says sorry."""


@dataclass(frozen=True, slots=True)
class File:
    """One of them."""

    key: str
    body: bytes
    type: str

    @property
    def checksum(self) -> str:
        """As S3 lists it: the ETag of an object that was put in one piece, not encrypted with a key of one's own, is
        the MD5 of its body (Amazon S3 API reference, Object)."""
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()


def read_page(folder: Path) -> tuple[File, ...]:
    """All files below the folder, by their keys; hidden ones left out. Raises UserError when this is no page."""
    if not (folder / INDEX).is_file():
        raise UserError(f"fallback.page: there is no {INDEX} in {folder}")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _hidden(path, folder)]
    if len(paths) > MOST:
        raise UserError(f"fallback.page: {len(paths)} files in {folder}; {MOST} are allowed")
    large = [path for path in paths if path.stat().st_size > LARGEST]
    if large:
        raise UserError(f"fallback.page: {large[0]} is larger than {LARGEST:,} bytes")
    return tuple(_file(path, folder) for path in paths)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _file(path: Path, folder: Path) -> File:
    kind = mimetypes.guess_type(path.name, strict=False)[0] or "application/octet-stream"
    return File(path.relative_to(folder).as_posix(), path.read_bytes(), kind)
