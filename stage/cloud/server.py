"""moto over HTTP, one call at a time (it is not safe for threads), with the weather that a scenario's faults make.

Trouble meets the engine's calls only: those whose user agent says `bluegreen`. A call that is throttled or fails takes
no effect; a lost reply takes effect and the connection breaks when the engine would stop waiting.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from sim.api import Api, EngineKilled
from stage.cloud.calls import name_of
from stage.pace import Pace, nap

UNHEARD = 20.0
"""Seconds after which the engine's client stops waiting for an answer."""
ENGINE = "bluegreen"
LONGEST_WAIT = 30.0
"""Seconds of the machine in which an engine that shall die has died."""

_ERRORS = {
    "throttle": ("400 Bad Request", "Throttling", "Rate exceeded"),
    "error": ("503 Service Unavailable", "ServiceUnavailable", "The service is temporarily unavailable"),
}


class Front:
    """The WSGI application. `lock` is held while moto works: whoever looks into moto holds it too."""

    def __init__(self, api: Api, pace: Pace, kill: Callable[[str], None]) -> None:
        self.lock = threading.RLock()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._api, self._pace, self._kill = api, pace, kill

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if ENGINE not in environ.get("HTTP_USER_AGENT", ""):
            return self._ask(environ, start)
        call = name_of(environ, body)
        try:
            with self.lock:
                trouble = self._api.begin(call)
            nap(self._pace.real(self._api.latency))
            return self._troubled(trouble, call, environ, start)
        except EngineKilled as death:
            self._kill(str(death))
            return self._hang_up(environ, LONGEST_WAIT)

    def _troubled(self, trouble: str | None, call: str, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if trouble in _ERRORS:
            return _refuse(environ, start, *_ERRORS[trouble])
        if trouble == "timeout":
            return self._hang_up(environ, self._pace.real(UNHEARD))
        said = self._ask(environ, start if trouble is None else lambda *_: lambda _: None)
        self._api.finish(call)
        return said if trouble is None else self._hang_up(environ, self._pace.real(UNHEARD))

    def _ask(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with self.lock:
            return list(self._moto(environ, start))

    def _hang_up(self, environ: dict[str, Any], after: float) -> Iterable[bytes]:
        """No answer: the connection ends when whoever asked would no longer wait, or is gone."""
        line: socket.socket = environ["werkzeug.socket"]
        with suppress(OSError):
            line.settimeout(after)
            line.recv(1)
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError("this reply is lost")


def _refuse(environ: dict[str, Any], start: Any, status: str, code: str, why: str) -> Iterable[bytes]:
    """In the protocol of the request."""
    if "cbor" in environ.get("HTTP_SMITHY_PROTOCOL", "") or "json" in environ.get("CONTENT_TYPE", ""):
        headers = [("Content-Type", "application/json"), ("x-amzn-query-error", f"{code};Sender")]
        body = f'{{"__type":"{code}","message":"{why}"}}'
        if "cbor" in environ.get("HTTP_SMITHY_PROTOCOL", ""):
            headers = [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"), headers[1]]
            start(status, headers)
            return [_cbor({"__type": code, "message": why})]
        start(status, headers)
        return [body.encode()]
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{why}</Message></Error>"
    start(status, [("Content-Type", "text/xml")])
    return [f"<ErrorResponse>{error}<RequestId>stage</RequestId></ErrorResponse>".encode()]


def _cbor(content: dict[str, str]) -> bytes:
    """A map of short texts (RFC 8949)."""

    def text(value: str) -> bytes:
        raw = value.encode()
        return (bytes([0x60 + len(raw)]) if len(raw) < 24 else bytes([0x78, len(raw)])) + raw

    return bytes([0xA0 + len(content)]) + b"".join(text(key) + text(value) for key, value in content.items())


def serve(front: Front, host: str) -> BaseWSGIServer:
    """Served on a thread, on a free port. The caller shuts it down."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(host, 0, front, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server
