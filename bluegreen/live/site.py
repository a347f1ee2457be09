"""What a browser can ask: the page, its events, and operators' commands.

Who does not know the token gets nothing. A page of somebody else's that is open in the same browser cannot press a
button either: commands are POST with the token in a header, from an origin that is this site; and names that are not
this machine's are refused, so that no foreign name can be made to lead here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import secrets
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bluegreen.clock import SystemClock
from bluegreen.control.inbox import deliver
from bluegreen.errors import BlueGreenError
from bluegreen.live.board import Board
from bluegreen.model import Command
from bluegreen.report.moving import empty_page

VERBS: tuple[Literal["pause", "resume", "promote", "abort"], ...] = ("pause", "resume", "promote", "abort")
BEAT = 10.0
"""Seconds after which a silent connection says that it lives."""
LARGEST = 10_000
"""Bytes of a command."""
PLAIN = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


class Asked(BaseModel):
    """What a button sends."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    verb: Literal["pause", "resume", "promote", "abort"]
    who: str = Field(min_length=1, max_length=100)
    why: str = Field(min_length=1, max_length=1000)


@dataclass
class Site:
    """One rollout's. `viewers`: how many browsers listen now."""

    board: Board
    service: str
    who: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    viewers: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        """As an ASGI application."""
        routes = [
            Route("/", self.page, methods=["GET"]),
            Route("/events", self.events, methods=["GET"]),
            Route("/ask", self.ask, methods=["POST"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    async def page(self, request: Request) -> Response:
        if refused := self._refused(request, request.query_params.get("token", "")):
            return refused
        verbs = VERBS if self.board.followed.source.inbox() is not None else ()
        page = await asyncio.to_thread(empty_page, self.service, self.who, verbs)
        return HTMLResponse(page, headers={**PLAIN, "Content-Security-Policy": "frame-ancestors 'none'"})

    async def events(self, request: Request) -> Response:
        if refused := self._refused(request, request.query_params.get("token", "")):
            return refused
        last = request.headers.get("last-event-id", "")
        stream = self._stream(int(last) if last.isdecimal() and last.isascii() else 0)
        return StreamingResponse(stream, media_type="text/event-stream", headers=PLAIN)

    async def ask(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if refused := self._refused(request, token) or _foreign(request):
            return refused
        try:
            asked = Asked.model_validate_json(await _body(request))
        except ValidationError as error:
            return _answer(400, "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
        except OverflowError:
            return _answer(413, f"a command has at most {LARGEST} bytes")
        return await asyncio.to_thread(self._send, asked)

    def _send(self, asked: Asked) -> Response:
        followed = self.board.followed
        inbox = followed.source.inbox()
        if inbox is None or self.board.over:
            return _answer(409, "it is over: nobody would read this")
        at = followed.now() or SystemClock().now()
        command = Command(asked.verb, asked.who, asked.why, id=uuid.uuid4().hex, at=at)
        try:
            deliver(inbox, command)
        except BlueGreenError as error:
            return _answer(503, str(error))
        return _answer(202, f"asked to {asked.verb}; the engine reads this at its next look")

    async def _stream(self, known: int) -> AsyncIterator[str]:
        self.viewers += 1
        try:
            yield "retry: 1000\n\n"
            while True:
                news, over = self._news, self.board.over
                known, parts = self.board.since(known)
                if parts:
                    yield f"id: {known}\nevent: parts\ndata: {json.dumps(parts, separators=(',', ':'))}\n\n"
                if over:
                    return
                try:
                    await asyncio.wait_for(news.wait(), BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self.viewers -= 1

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        self.board.on_change = self._changed
        try:
            yield
        finally:
            self._loop = None

    def _changed(self) -> None:
        """On any thread: wake all who listen."""
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):  # it has just been closed
                loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _refused(self, request: Request, token: str) -> Response | None:
        if not _is_ours(request.url.hostname or ""):
            return PlainTextResponse("this name does not belong to this page\n", 403)
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return PlainTextResponse("the link that was printed when this page began has the token for it\n", 403)
        return None


def _is_ours(host: str) -> bool:
    """Whether a browser may have been led here by this name: an address, or a name of this machine."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host in ("localhost", socket.gethostname().lower())
    return True


def _foreign(request: Request) -> Response | None:
    """Browsers say with each POST which site it comes from."""
    host = request.headers.get("host", "")
    if request.headers.get("origin", "") in (f"http://{host}", f"https://{host}"):
        return None
    return PlainTextResponse("commands are sent by this page only; programs use `bluegreen abort` and its like\n", 403)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise OverflowError
    return body


def _answer(status: int, words: str) -> JSONResponse:
    return JSONResponse({"words": words}, status, headers=PLAIN)
