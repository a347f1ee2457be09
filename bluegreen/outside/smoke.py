"""HTTP requests with expectations, made in a thread beside the engine.

No answer at all says nothing about the candidate: unknown. An answer that is wrong, late, broken off, or from somebody
whose certificate does not fit, fails.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from bluegreen.checks.http import Http, Request
from bluegreen.clock import stopwatch
from bluegreen.model import CheckView
from bluegreen.outside.reading import TooLate, body_of
from bluegreen.units import show_duration

BODY = 1_000_000
"""So many bytes of an answer are read at most."""
STOPPED = CheckView("unknown", "it was stopped")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask: where, and under which name."""

    base: SplitResult
    host: str  # for the Host header and TLS; empty: the URL's own
    verify_tls: bool

    def pool(self) -> urllib3.HTTPConnectionPool:
        port, name = self.base.port, str(self.base.hostname)
        if self.base.scheme == "http":
            return urllib3.HTTPConnectionPool(name, port or 80, retries=False, maxsize=1)
        return urllib3.HTTPSConnectionPool(
            name,
            port or 443,
            retries=False,
            maxsize=1,
            cert_reqs="CERT_REQUIRED" if self.verify_tls else "CERT_NONE",
            server_hostname=self.host or name,
            assert_hostname=(self.host or name) if self.verify_tls else False,
        )


def target(check: Http, facts: Mapping[str, str]) -> Target:
    """The check's own URL, or the candidate's balancer under the service's name. Raises KeyError without one."""
    if check.url:
        return Target(urlsplit(check.url), "", check.verify_tls)
    where = urlsplit(facts["BLUEGREEN_CANDIDATE_URL"])
    port = check.port or (443 if check.scheme == "https" else None) or where.port or 80
    base = SplitResult(check.scheme, f"{where.hostname}:{port}", "", "", "")
    return Target(base, facts["BLUEGREEN_RECORD"].rstrip("."), check.verify_tls)


class Smoke:
    """One run of an `http` check."""

    def __init__(self, check: Http, whom: Target, facts: Mapping[str, str]) -> None:
        self._check, self._whom, self._facts = check, whom, facts
        self._stop, self._view = threading.Event(), CheckView("running")
        threading.Thread(target=self._run, name=f"check {check.name}", daemon=True).start()

    def view(self) -> CheckView:
        return self._view

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        elapsed, made = stopwatch(), 0
        with self._whom.pool() as pool:
            for request in self._check.requests * self._check.rounds:
                if self._stop.is_set():
                    self._view = STOPPED
                    return
                if elapsed() >= self._check.timeout:
                    self._view = CheckView("unknown", f"only {made} requests in {show_duration(self._check.timeout)}")
                    return
                problem = self._ask(pool, request)
                if problem is not None:
                    self._view = problem
                    return
                made += 1
        self._view = CheckView("passed", f"{made} requests were answered as expected")

    def _ask(self, pool: urllib3.HTTPConnectionPool, request: Request) -> CheckView | None:
        """What is wrong with the answer to one request, or nothing."""
        elapsed = stopwatch()
        seconds = min(request.within, self._check.timeout).total_seconds()
        try:
            answer = pool.urlopen(
                request.method,
                self._path(request),
                body=self._body(request),
                headers=self._headers(request),
                timeout=urllib3.Timeout(total=seconds),
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
            body = body_of(answer, BODY, timedelta(seconds=seconds), elapsed).decode(errors="replace")
        except HTTPError as error:
            return _no_answer(request, error)
        except TooLate:
            return CheckView("failed", f"{request} took longer than {show_duration(request.within)}")
        if elapsed() > request.within:
            return CheckView("failed", f"{request} took longer than {show_duration(request.within)}")
        wrong = _wrong(request, answer.status, dict(answer.headers.items()), body)
        return CheckView("failed", f"{request}: {wrong}") if wrong else None

    def _path(self, request: Request) -> str:
        path, query = self._whom.base.path, self._whom.base.query
        whole = path.rstrip("/") + request.path if request.path != "/" or not path else path
        return f"{whole}?{query}" if query else whole

    def _body(self, request: Request) -> bytes | None:
        """A POST without a body carries the facts: what the other side wants to know."""
        if request.body:
            return request.body.encode()
        return json.dumps(dict(self._facts)).encode() if request.method == "POST" else None

    def _headers(self, request: Request) -> dict[str, str]:
        host = {"Host": self._whom.host} if self._whom.host else {}
        facts = {"Content-Type": "application/json"} if request.method == "POST" and not request.body else {}
        return {"User-Agent": "bluegreen", **host, **facts, **request.headers}


def _no_answer(request: Request, error: HTTPError) -> CheckView:
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return CheckView("unknown", f"{request}: nobody answers ({type(cause).__name__})")
    if isinstance(cause, ReadTimeoutError):
        return CheckView("failed", f"{request} took longer than {show_duration(request.within)}")
    if isinstance(cause, SSLError):
        return CheckView("failed", f"{request}: the certificate does not fit: {cause}")
    return CheckView("failed", f"{request}: the answer was broken off ({type(cause).__name__})")


def _wrong(request: Request, status: int, headers: Mapping[str, str], body: str) -> str:
    """What is not as expected, or nothing."""
    if status not in request.status:
        return f"status {status}, not {' or '.join(map(str, request.status))}"
    if request.contains and request.contains not in body:
        return f"the body does not contain {request.contains!r}"
    if request.matches and not re.search(request.matches, body):
        return f"the body does not match {request.matches!r}"
    lower = {name.lower(): value for name, value in headers.items()}
    for name, part in request.has.items():
        if name.lower() not in lower:
            return f"there is no header {name}"
        if part not in lower[name.lower()]:
            return f"{name} is {lower[name.lower()]!r}, without {part!r}"
    return ""
