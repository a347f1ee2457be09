"""The Notices port for real: each message is sent by a thread of its own, so that nobody waits for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue

import urllib3
from urllib3.exceptions import HTTPError

from bluegreen.clock import stopwatch
from bluegreen.errors import OperatingError, Refused, Unreachable
from bluegreen.model import Notice, Trouble
from bluegreen.notify.base import Way, content
from bluegreen.notify.webhook import Webhook
from bluegreen.web import a_url, can_be_sent, shown

Send = Callable[[Way, Notice], None]
"""Sends one message, and returns when it has arrived. Raises OperatingError."""


class Messages:
    """`bluegreen.ports.Notices`. `senders`: how each kind of way is served."""

    def __init__(self, ways: Sequence[Way], senders: Mapping[type[Way], Send]) -> None:
        self._ways, self._senders = ways, senders
        self._failed: SimpleQueue[tuple[Notice, Trouble]] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def send(self, notice: Notice) -> None:
        for way in self._ways:
            if notice.event in way.events:
                thread = threading.Thread(target=self._send, args=(way, notice), daemon=True)
                self._threads = [each for each in self._threads if each.is_alive()] + [thread]
                thread.start()

    def failures(self) -> tuple[tuple[Notice, Trouble], ...]:
        found = []
        while True:
            try:
                found.append(self._failed.get_nowait())
            except Empty:
                return tuple(found)

    def flush(self, seconds: float = 10.0) -> None:
        """Before the engine's process ends: wait for what is under way, so long for all of it."""
        elapsed = stopwatch()
        for thread in self._threads:
            thread.join(max(0.0, seconds - elapsed().total_seconds()))

    def _send(self, way: Way, notice: Notice) -> None:
        try:
            self._senders[type(way)](way, notice)
        except OperatingError as error:
            self._failed.put((notice, Trouble("notify", str(error))))


def post(way: Way, notice: Notice) -> None:
    """To a webhook. Of its URL only the host is told: the rest may be a secret."""
    assert isinstance(way, Webhook)
    url = _url(way)
    headers = {"User-Agent": "bluegreen", "Content-Type": "application/json", **way.headers, **_secret(way, url)}
    try:
        with urllib3.PoolManager(retries=False) as pool:
            answer = pool.request(
                "POST",
                url,
                body=content(notice, way.link).encode(),
                headers=headers,
                timeout=urllib3.Timeout(total=way.timeout.total_seconds()),
                redirect=False,
                preload_content=False,  # only its status matters, however long it is
            )
            answer.close()
    except HTTPError as error:
        raise Unreachable(f"{shown(url)}: {type(error).__name__}") from None
    if answer.status >= 300:
        raise Refused(f"{shown(url)}: status {answer.status}")


def _url(way: Webhook) -> str:
    if way.url_from is None:
        return way.url
    try:
        return a_url(_from_environment(way.url_from, f"notify.url_from {way.url_from}"))
    except ValueError:
        raise Refused(f"notify.url_from {way.url_from}: its value is no URL") from None


def _secret(way: Webhook, url: str) -> dict[str, str]:
    if way.secret_from is None:
        return {}
    secret = _from_environment(way.secret_from, shown(url))
    if not can_be_sent(secret):
        raise Refused(f"{shown(url)}: the value of {way.secret_from} cannot be sent in a header")
    return {"Authorization": f"Bearer {secret}"}


def _from_environment(name: str, what: str) -> str:
    """Without the line's end that files of secrets often have."""
    if not os.environ.get(name, "").strip():
        raise Refused(f"{what}: the environment variable {name} is not set")
    return os.environ[name].strip()
