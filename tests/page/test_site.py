"""Who may see the page, and who may press its buttons; what comes to those who watch."""

import html
import re
import socket
import threading
import time

import pytest

from bluegreen.errors import Unreachable, UserError
from bluegreen.live.server import Server, is_loopback, parse_address
from bluegreen.live.source import Told

from .conftest import TALE, Served


def until(happened, within=30):
    end = time.monotonic() + within
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


# -- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/events"])
@pytest.mark.parametrize("token", ["", "wrong", "ä"])
def test_without_the_token_there_is_nothing_to_see(served, path, token):
    served.tell(TALE)
    status, _, said = served.visitor.get(path, token="%C3%A4" if token == "ä" else token)
    assert status == 403 and "the link that was printed" in said and "blue" not in said


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_a_foreign_name_that_leads_here_is_refused_even_with_the_token(served, host):
    assert served.visitor.get("/", Host=host)[0] == 403
    assert served.visitor.press(Host=host, Origin=f"http://{host}")[0] == 403
    assert served.inbox.all() == ()


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost", "localhost:9000", "[::1]:9000", socket.gethostname()])
def test_this_machines_names_are_not_foreign_whatever_port_leads_here(served, host):
    """As through `ssh -L 9000:127.0.0.1:...`."""
    assert served.visitor.get("/", Host=host)[0] == 200
    assert served.visitor.press(Host=host, Origin=f"http://{host}")[0] == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer wrong"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_another_page_in_the_same_browser_cannot_press_a_button(served, headers):
    assert served.visitor.press(**headers)[0] == 403
    assert served.inbox.all() == ()


def test_the_token_in_the_link_alone_presses_no_button(served):
    path = f"/ask?token={served.visitor.token}"
    origin = {"Origin": f"http://{served.visitor.host}"}
    assert served.visitor.ask("POST", path, body='{"verb":"abort","who":"x","why":"y"}', **origin)[0] == 403
    assert served.visitor.ask("GET", path)[0] == 405
    assert served.inbox.all() == ()


def test_the_page_is_alone_and_asks_nobody_else(served):
    status, headers, page = served.visitor.get()
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert status == 200
    assert not re.findall(r"<(?:link|iframe|object|embed|img|base)\b|\s(?:src|href)\s*=|url\(|@import", text)
    assert "default-src 'none'" in page and "connect-src 'self'" in page
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert served.visitor.token not in page


# -- what buttons say ------------------------------------------------------------------------------------------------


def test_a_button_puts_the_verb_with_who_and_why_into_the_inbox_at_the_rollouts_own_time(served):
    served.tell(TALE)
    viewer = served.visitor.listen()
    viewer.until(lambda parts: "now" in parts)
    status, _, said = served.visitor.press("abort", "ann", "  it is bad\n")
    [command] = served.inbox.all()
    assert status == 202 and "asked to abort" in said
    assert (command.verb, command.who, command.why) == ("abort", "ann", "it is bad")
    assert command.at == served.board.followed.now()
    parts = viewer.until(lambda parts: "abort by ann" in parts.get("now", ""))
    assert "it is bad) - waiting" in html.unescape(parts["now"])


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"verb": "explode"}, "verb"),
        ({"why": "  "}, "why"),
        ({"who": ""}, "who"),
        ({"why": "x" * 1001}, "why"),
        ({"verb": "accept"}, "verb"),
    ],
)
def test_a_button_without_sense_is_refused_with_what_is_wrong(served, said, what):
    status, _, words = served.visitor.press(**said)
    assert status == 400 and what in words
    assert served.inbox.all() == ()


@pytest.mark.parametrize(("body", "status"), [("", 400), ("{", 400), ("[]", 400), ("x" * 20_000, 413)])
def test_what_is_no_command_is_refused(served, body, status):
    headers = {"Authorization": f"Bearer {served.visitor.token}", "Origin": f"http://{served.visitor.host}"}
    assert served.visitor.ask("POST", "/ask", body=body, **headers)[0] == status


def test_an_inbox_that_cannot_be_reached_is_told_to_who_pressed():
    class Broken:
        def send(self, command):
            raise Unreachable("no route to the table")

        def all(self):
            return ()

    with Served(Told(Broken())) as broken:
        status, _, said = broken.visitor.press()
    assert status == 503 and "nobody knows whether it was sent: no route to the table" in said


def test_where_nobody_would_hear_there_are_no_buttons():
    with Served(Told(None)) as deaf:
        assert "<form" not in deaf.visitor.get()[2]
        assert deaf.visitor.press()[0] == 409


def test_hostile_words_stay_words():
    words = "</script><img src=x onerror=alert(1)>"
    with Served() as hostile:
        hostile.server.site.service = words
        assert "<img" not in re.sub(r"<script.*?</script>", "", hostile.visitor.get()[2], flags=re.DOTALL)
        hostile.tell(TALE)
        assert hostile.visitor.press(who=words, why=words)[0] == 202
        parts = hostile.visitor.listen().until(lambda parts: "onerror" in parts.get("now", ""))
        assert "<img" not in parts["now"]


# -- what comes ------------------------------------------------------------------------------------------------------


def test_who_comes_late_gets_the_whole_picture_so_far(served):
    served.tell(TALE[:60])
    early = served.visitor.listen()
    early.until(lambda parts: "story" in parts)
    served.tell(TALE[60:120])
    seen = early.until(lambda parts: "story" in parts)
    late = served.visitor.listen()
    _, whole = late.next()
    assert {"head", "now", "tiles", "caption", "story", "spec", "state"} <= set(whole)
    assert whole["story"] == seen["story"] and whole["spec"] == seen["spec"]


def test_who_comes_back_gets_what_has_changed_meanwhile_and_nothing_else(served):
    served.tell(TALE[:60])
    viewer = served.visitor.listen()
    before = viewer.until(lambda parts: "story" in parts)
    viewer.leave()
    until(lambda: not served.server.site.viewers)
    served.board._show({"tiles": "new"})
    number, news = served.visitor.listen(last=viewer.number).next()
    assert news == {"tiles": "new"} and int(number) == int(viewer.number) + 1
    assert before["tiles"] != "new"


@pytest.mark.parametrize("last", ["999999", "-1", "x", "²", ""])
def test_who_comes_with_a_number_that_never_was_gets_all(served, last):
    served.tell(TALE[:60])
    parts = served.visitor.listen(last.encode().decode("latin1")).until(lambda parts: "story" in parts)
    assert {"head", "spec"} <= set(parts)


def test_several_see_the_same_and_one_that_leaves_does_not_disturb_the_others(served):
    viewers = [served.visitor.listen() for _ in range(5)]
    until(lambda: served.server.site.viewers == 5)
    served.tell(TALE[:60])
    assert len({viewer.until(lambda parts: "story" in parts)["story"] for viewer in viewers}) == 1
    viewers.pop().leave()
    served.tell(TALE[60:90])
    assert len({viewer.until(lambda parts: "story" in parts)["story"] for viewer in viewers}) == 1
    until(lambda: served.server.site.viewers == 4)
    for viewer in viewers:
        viewer.leave()
    until(lambda: served.server.site.viewers == 0)


def test_in_the_end_all_are_told_how_and_where_the_report_is_and_the_buttons_are_dead(served):
    served.tell(TALE[:60])
    viewers = [served.visitor.listen() for _ in range(3)]
    served.server.end("The report: reports/shop.html", TALE)
    for viewer in viewers:
        parts = viewer.until(lambda parts: "over" in parts)
        assert parts["over"] == "The report: reports/shop.html"
        assert parts["state"]["end"] == "rolled back" and "Invariants" in parts["rest"]
        assert viewer.next() is None, "the stream is closed"
    assert served.visitor.press()[0] == 409
    assert served.visitor.listen().next()[1]["over"], "and who comes then still sees it"


def test_nothing_is_made_while_nobody_watches(served):
    served.tell(TALE)
    time.sleep(0.5)
    assert served.board.since(0) == (0, {})


# -- where -----------------------------------------------------------------------------------------------------------


def test_a_page_that_is_left_leaves_no_thread_and_no_port():
    before = threading.active_count()
    with Served() as made:
        viewer = made.visitor.listen()
        made.tell(TALE[:60])
        viewer.until(lambda parts: "story" in parts)
        made.server.__exit__()
        assert viewer.until(lambda parts: "over" in parts)["over"] == "This page is not served any more."
    until(lambda: threading.active_count() <= before)
    with pytest.raises(OSError):
        socket.create_connection((made.visitor.parts.hostname, made.visitor.parts.port), timeout=5)


def test_a_port_that_is_taken_is_a_clear_word(served):
    port = served.visitor.parts.port
    with pytest.raises(UserError, match=rf"127.0.0.1 port {port}: Address already in use.*--bind ADDRESS:PORT"):
        Server(served.board, ("127.0.0.1", port), service="shop", who="ann")


def test_an_address_that_is_not_this_machines_is_a_clear_word(served):
    with pytest.raises(UserError, match=r"cannot be served on 203\.0\.113\.7"):
        Server(served.board, ("203.0.113.7", 0), service="shop", who="ann")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", ("127.0.0.1", 0)),
        ("0.0.0.0:8080", ("0.0.0.0", 8080)),
        (":8080", ("127.0.0.1", 8080)),
        ("localhost:1", ("localhost", 1)),
        ("::1", ("::1", 0)),
        ("[::1]", ("::1", 0)),
        ("[::1]:8080", ("::1", 8080)),
    ],
)
def test_an_address_is_read_as_people_write_it(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["127.0.0.1:x", "127.0.0.1:", "localhost:99999", "127.0.0.1:-1", "[::1]:x"])
def test_a_port_that_is_no_number_is_a_clear_word(text):
    with pytest.raises(UserError, match=r"write it like 127\.0\.0\.1:8080"):
        parse_address(text)


def test_only_loopback_needs_no_warning():
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "example.com")] == [False] * 4
