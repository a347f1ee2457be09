"""HTTP checks against a real server on loopback."""

import json
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError

from bluegreen.checks.http import Http
from bluegreen.errors import Unreachable
from bluegreen.outside.fetch import fetch
from bluegreen.outside.runner import Runner

from .waiting import ended

FACTS = {"BLUEGREEN_RECORD": "www.example.com", "BLUEGREEN_SHARE": "0.2"}


class Shop(BaseHTTPRequestHandler):
    """Answers by path; remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    seen: list = []
    enough = threading.Event()

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, self.headers["Host"], body.decode()))
        if self.path == "/slow":
            threading.Event().wait(1.0)
        if self.path == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
            self.close_connection = True
            return
        if self.path in ("/drop-by-drop", "/endless"):
            self.pour(b"x" if self.path == "/drop-by-drop" else "\u00fc".encode() * 50_000)
            return
        self.send_response(503 if self.path == "/sick" else 200)
        self.send_header("X-Version", "v2")
        answer = b"all is well"
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def pour(self, drop):
        """An answer without an end."""
        self.close_connection = True
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.enough.wait(0.02 if len(drop) == 1 else 0):
                self.wfile.write(drop)
        except OSError:
            pass  # nobody listens any more

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def shop():
    Shop.seen, Shop.enough = [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Shop.enough.set()
        server.shutdown()


def ask(candidate, tmp_path, **check):
    with closing(Runner(tmp_path, lambda: {"BLUEGREEN_CANDIDATE_URL": candidate})) as runner:
        runner.begin("verify/smoke", Http.model_validate({"kind": "http", "name": "smoke", **check}), FACTS)
        return ended(runner, "verify/smoke")


def test_as_expected_passes_and_was_asked_under_the_services_name(shop, tmp_path):
    good = {"path": "/cart", "contains": "well", "matches": "^all", "has": {"x-version": "v2"}, "within": "2s"}
    view = ask(shop, tmp_path, requests=[good, {}], rounds=3)
    assert (view.state, view.detail) == ("passed", "6 requests were answered as expected")
    assert Shop.seen[:2] == [("GET", "/cart", "www.example.com", ""), ("GET", "/", "www.example.com", "")]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"path": "/sick"}, "GET /sick: status 503, not 200"),
        ({"path": "/", "status": [301, 302]}, "GET /: status 200, not 301 or 302"),
        ({"path": "/", "contains": "rotten"}, "GET /: the body does not contain 'rotten'"),
        ({"path": "/", "matches": "^well"}, "GET /: the body does not match '^well'"),
        ({"path": "/", "has": {"X-Version": "v3"}}, "GET /: X-Version is 'v2', without 'v3'"),
        ({"path": "/", "has": {"X-Trace": ""}}, "GET /: there is no header X-Trace"),
        ({"path": "/slow", "within": "200ms"}, "GET /slow took longer than 200ms"),
        ({"path": "/broken"}, "GET /broken: the answer was broken off"),
    ],
)
def test_whatever_is_not_as_expected_fails_and_says_what(shop, tmp_path, request_, said):
    view = ask(shop, tmp_path, requests=[request_])
    assert view.state == "failed" and view.detail.startswith(said)


def test_nobody_there_is_unknown(tmp_path):
    view = ask("http://127.0.0.1:9", tmp_path)
    assert (view.state, view.detail) == ("unknown", "GET /: nobody answers (NewConnectionError)")


def test_without_a_candidate_it_cannot_be_begun_and_is_unknown(tmp_path):
    with closing(Runner(tmp_path, dict)) as runner:
        runner.begin("verify/smoke", Http(name="smoke"), FACTS)
        assert runner.look("verify/smoke").state == "unknown"


def test_a_hook_on_another_system_gets_the_facts(shop, tmp_path):
    view = ask("http://nobody.invalid", tmp_path, url=f"{shop}/deployed?by=us", requests=[{"method": "POST"}])
    assert view.state == "passed"
    verb, path, host, body = Shop.seen[0]
    assert (verb, path, host) == ("POST", "/deployed?by=us", shop.removeprefix("http://"))
    assert json.loads(body)["BLUEGREEN_SHARE"] == "0.2"


def test_it_ends_at_its_time_limit_with_what_it_has_seen(shop, tmp_path):
    view = ask(shop, tmp_path, requests=[{"path": "/"}], rounds=10_000, timeout="300ms")
    assert view.state == "unknown" and view.detail.startswith("only ")


def test_an_expression_that_is_none_and_a_url_that_is_none_are_refused():
    with pytest.raises(ValidationError, match="is no regular expression"):
        Http.model_validate({"kind": "http", "requests": [{"matches": "("}]})
    with pytest.raises(ValidationError, match="is not like https://"):
        Http.model_validate({"kind": "http", "url": "crm.example.com"})


def test_an_answer_that_comes_drop_by_drop_is_late_although_no_drop_is(shop, tmp_path):
    view = ask(shop, tmp_path, requests=[{"path": "/drop-by-drop", "within": "300ms"}])
    assert (view.state, view.detail) == ("failed", "GET /drop-by-drop took longer than 300ms")


def test_of_an_endless_answer_only_the_beginning_is_read(shop, tmp_path):
    """More letters than one byte each: so many bytes are fewer letters."""
    view = ask(shop, tmp_path, requests=[{"path": "/endless", "within": "50s"}])
    assert view.state == "passed"


def test_a_page_that_never_ends_does_not_hold_up_who_fetches_it(shop, monkeypatch):
    monkeypatch.setattr("bluegreen.outside.fetch.SECONDS", 0.3)
    with pytest.raises(Unreachable, match="had not ended"):
        fetch(f"{shop}/drop-by-drop")
    assert len(fetch(f"{shop}/").body) == len("all is well")


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "http://shop.example:99999/",
        "http://shop.example:x/",
        "ftp://shop.example",
        "http:///x",
        "http://a b/",
    ],
)
def test_a_url_that_cannot_be_asked_is_refused_with_the_file(url):
    with pytest.raises(ValidationError, match="is not like https://"):
        Http.model_validate({"kind": "http", "url": url})


@pytest.mark.parametrize("headers", [{"X-A": "one\ntwo"}, {"X A": "x"}, {"X-A": "\u20ac"}, {"": "x"}])
def test_a_header_that_cannot_be_sent_is_refused_with_the_file(headers):
    with pytest.raises(ValidationError):
        Http.model_validate({"kind": "http", "requests": [{"headers": headers}]})
