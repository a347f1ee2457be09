"""An answer's body within a time. A socket's own timeout begins anew with every byte, so somebody who sends one byte
now and then would be listened to for ever (urllib3 documentation, Timeout)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from urllib3 import BaseHTTPResponse

PIECE = 65_536


class TooLate(Exception):
    """The answer had not ended in time."""


def body_of(answer: BaseHTTPResponse, most: int, within: timedelta, elapsed: Callable[[], timedelta]) -> bytes:
    """At most so many bytes; the connection can be used again only if that was all. Raises TooLate, and urllib3's
    HTTPError. `elapsed`: since it was asked."""
    parts: list[bytes] = []
    size = 0
    while size < most:
        piece = answer.read1(min(PIECE, most - size), decode_content=True)
        if not piece:
            answer.release_conn()
            return b"".join(parts)
        parts.append(piece)
        size += len(piece)
        if elapsed() > within:
            answer.close()
            raise TooLate
    answer.close()
    return b"".join(parts)[:most]
