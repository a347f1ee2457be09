"""A page that is served, and ways to ask it."""

import http.client
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from bluegreen.control.memory import MemoryInbox
from bluegreen.live.board import Board
from bluegreen.live.followed import Followed
from bluegreen.live.server import Server
from bluegreen.live.source import Told
from tests.report import synthetic

TALE = synthetic.bad()
LIMIT = 60
"""Seconds of patience: a limit, not an expectation."""


class Visitor:
    """Asks a server as a browser would, or as one that wants no good."""

    def __init__(self, url):
        self.parts = urlsplit(url)
        self.token = parse_qs(self.parts.query)["token"][0]
        self.host = self.parts.netloc
        self.viewers = []

    def ask(self, method, path, *, body=None, **headers):
        """Status, headers, and what was said."""
        connection = http.client.HTTPConnection(self.parts.hostname, self.parts.port, timeout=LIMIT)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def get(self, path="/", token=None, **headers):
        return self.ask("GET", f"{path}?token={self.token if token is None else token}", **headers)

    def press(self, verb="abort", who="ann", why="it is bad", **headers):
        usual = {"Authorization": f"Bearer {self.token}", "Origin": f"http://{self.host}"}
        body = json.dumps({"verb": verb, "who": who, "why": why})
        return self.ask("POST", "/ask", body=body, **{**usual, **headers})

    def listen(self, last=""):
        self.viewers.append(Viewer(self, last))
        return self.viewers[-1]


class Viewer:
    """One that keeps listening."""

    def __init__(self, visitor, last):
        self.connection = http.client.HTTPConnection(visitor.parts.hostname, visitor.parts.port, timeout=LIMIT)
        headers = {"Last-Event-ID": last} if last else {}
        self.connection.request("GET", f"/events?token={visitor.token}", headers=headers)
        self.stream = self.connection.getresponse()

    def next(self):
        """The next event: its number and its parts; None when there are no more."""
        number, data = "", None
        for line in self.stream:
            match line.decode().rstrip("\n").partition(": "):
                case "id", _, value:
                    number = value
                case "data", _, value:
                    data = json.loads(value)
                case "", _, _ if data is not None:
                    return number, data
        return None

    def until(self, wanted):
        """All parts as they stand when they are as wanted; None when the end came first."""
        parts = {}
        while (event := self.next()) is not None:
            self.number = event[0]
            parts |= event[1]
            if wanted(parts):
                return parts
        return None

    def leave(self):
        self.stream.close()
        self.connection.close()


class Served:
    """A rollout of this process, told line by line, and the page of it."""

    def __init__(self, source=None, **address):
        self.inbox = MemoryInbox()
        self.source = source or Told(self.inbox)
        self.board = Board(Followed(self.source))
        self.server = Server(self.board, ("127.0.0.1", 0), service="shop", who="ann")
        self.visitor = Visitor(self.server.url)

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *told):
        self.server.__exit__(*told)
        for viewer in self.visitor.viewers:
            viewer.leave()

    def cut_off(self):
        """As a network that breaks does."""
        site, server = self.server.site, self.server._server
        for connection in list(server.server_state.connections):
            site._loop.call_soon_threadsafe(connection.transport.abort)

    def tell(self, lines):
        for line in lines:
            self.source.line(line)


@pytest.fixture
def served():
    with Served() as made:
        yield made
