"""HTTP/1.1 between the stage's own servers and proxies: as much as users, balancers and machines here speak. Standard
library only, so that a machine starts quickly.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

LONGEST = 64 * 1024
"""Bytes of a head."""
REASONS = {200: "OK", 400: "Bad Request", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway"}
REASONS |= {503: "Service Unavailable", 504: "Gateway Timeout"}


class Malformed(Exception):
    """This is not HTTP as spoken here."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer, whole."""

    first: str
    head: bytes
    body: bytes
    close: bool

    @property
    def code(self) -> int:
        """Of an answer."""
        try:
            return int(self.first.split(" ", 2)[1])
        except (IndexError, ValueError):
            raise Malformed(self.first) from None

    @property
    def path(self) -> str:
        """Of a request."""
        parts = self.first.split(" ")
        if len(parts) != 3:
            raise Malformed(self.first)
        return parts[1]

    @property
    def raw(self) -> bytes:
        return self.head + self.body


async def receive(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None when there is none any more. Raises Malformed, ConnectionError."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ConnectionResetError("in the middle of a head") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise Malformed("a head without end") from error
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
    if "transfer-encoding" in fields:
        raise Malformed("transfer-encoding")
    try:
        body = await reader.readexactly(int(fields.get("content-length", "0")))
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("in the middle of a body") from error
    except ValueError as error:
        raise Malformed(fields["content-length"]) from error
    return Message(first, head, body, fields.get("connection", "").lower() == "close")


def answer(code: int, body: bytes = b"", kind: str = "text/plain", *, close: bool = False) -> bytes:
    """A whole answer."""
    end = "Connection: close\r\n" if close else ""
    lines = f"HTTP/1.1 {code} {REASONS[code]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{end}\r\n"
    return lines.encode() + body
