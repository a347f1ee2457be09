"""Messages to people: what they say, that nobody waits for them, and what becomes of those that do not arrive."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from moto import mock_aws
from moto.sns.models import sns_backends
from pydantic import ValidationError

from bluegreen.aws.session import Api
from bluegreen.aws.topics import publisher
from bluegreen.errors import OperatingError
from bluegreen.model import End, Notice, Phase
from bluegreen.notify.base import content, subject, text
from bluegreen.notify.sns import Sns
from bluegreen.notify.webhook import Webhook
from bluegreen.outside.messages import Messages, post

from ..aws.conftest import SESSION
from ..checks.waiting import until

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
STEP = Notice("step", AT, "shop-1", "shop", "www.example.com", Phase.HOLD, 0.2, "green has 20% on all DNS servers")
ENDED = Notice("ended", AT, "shop-1", "shop", "www.example.com", Phase.DONE, 0.0, "blue serves alone", End.ROLLED_BACK)


class Chat(BaseHTTPRequestHandler):
    got: list = []
    slow = threading.Event()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/slow":
            self.slow.wait(10)
        self.got.append((self.path, self.headers.get("Authorization"), json.loads(body)))
        self.send_response(500 if self.path == "/sick" else 204)
        self.end_headers()

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def chat():
    Chat.got, Chat.slow = [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Chat) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        Chat.slow.set()
        server.shutdown()


def messages(*ways):
    return Messages(ways, {Webhook: post})


def test_a_message_says_what_where_why_and_what_can_be_done(chat, monkeypatch):
    monkeypatch.setenv("CHAT_TOKEN", "s3cret")
    sent = messages(Webhook(url=f"{chat}/hook", secret_from="CHAT_TOKEN", link="https://ci.example.com/7"))
    sent.send(STEP)
    sent.flush()
    path, secret, body = Chat.got[0]
    assert (path, secret) == ("/hook", "Bearer s3cret")
    assert (body["event"], body["phase"], body["share"], body["why"]) == ("step", "hold", 0.2, STEP.why)
    assert body["text"].splitlines()[0] == "shop: step 20% (www.example.com)"
    assert body["link"] == "https://ci.example.com/7" and body["link"] in body["text"]
    assert "bluegreen abort FILE --rollout shop-1 --why ..." in body["commands"]
    assert sent.failures() == ()


def test_nobody_waits_for_a_slow_endpoint(chat):
    sent = messages(Webhook(url=f"{chat}/slow"))
    sent.send(STEP)
    assert Chat.got == [], "it is still on its way"
    Chat.slow.set()
    until(lambda: Chat.got)


def test_one_that_does_not_arrive_is_told_of_once(chat, monkeypatch):
    monkeypatch.delenv("NO_TOKEN", raising=False)
    nowhere = Webhook(url="http://127.0.0.1:9/")
    sent = messages(nowhere, Webhook(url=f"{chat}/sick"), Webhook(url=f"{chat}/x", secret_from="NO_TOKEN"))
    sent.send(ENDED)
    sent.flush()
    told = sorted(trouble.error for _, trouble in sent.failures())
    assert told == sorted(
        [
            "http://127.0.0.1:9: NewConnectionError",
            f"{chat}/...: status 500",
            f"{chat}/...: the environment variable NO_TOKEN is not set",
        ]
    )
    assert sent.failures() == ()


def test_only_events_that_were_asked_for_are_sent(chat):
    sent = messages(Webhook(url=f"{chat}/hook", events=("ended",)))
    sent.send(STEP)
    sent.send(ENDED)
    sent.flush()
    assert [body["event"] for _, _, body in Chat.got] == ["ended"]


def test_the_subject_is_what_sns_takes():
    long = Notice("rollback", AT, "shop-1", "s\u00fcß" * 60, "www.example.com", Phase.ROLLBACK, 0.2, "x")
    assert len(subject(long)) == 100 and subject(long).isascii()
    assert subject(ENDED) == "shop: rolled back"
    assert "bluegreen history FILE --rollout shop-1" in text(ENDED)
    assert json.loads(content(ENDED))["end"] == "rolled back"


def test_a_topic_gets_it_with_the_event_as_an_attribute():
    with mock_aws():
        topic = SESSION.client("sns").create_topic(Name="rollouts")["TopicArn"]
        publisher(Api(SESSION))(Sns(topic=topic), STEP)
        sent = sns_backends["123456789012"]["us-east-1"].topics[topic].sent_notifications
    (_, message, title, attributes, *_), *rest = sent
    assert (title, message, rest) == ("shop: step 20%", text(STEP), [])
    assert attributes["event"]["Value"] == "step"


def test_a_topic_that_does_not_exist_is_trouble():
    with mock_aws(), pytest.raises(OperatingError, match="sns publish"):
        publisher(Api(SESSION))(Sns(topic="arn:aws:sns:us-east-1:123456789012:nowhere"), STEP)


def test_a_url_that_is_a_secret_comes_from_the_environment_and_is_never_written_down(chat, monkeypatch):
    monkeypatch.setenv("CHAT_URL", f"{chat}/sick/T00/B00/s3cret?token=s3cret\n")
    sent = messages(Webhook(url_from="CHAT_URL"))
    sent.send(ENDED)
    sent.flush()
    assert [path for path, *_ in Chat.got] == ["/sick/T00/B00/s3cret?token=s3cret"]
    monkeypatch.setenv("CHAT_URL", "hooks.example.com/s3cret")
    sent.send(ENDED)
    monkeypatch.delenv("CHAT_URL")
    sent.flush()
    assert "s3cret" not in " ".join(trouble.error for _, trouble in sent.failures())


@pytest.mark.parametrize("given", [{}, {"url": "http://a.example", "url_from": "A"}, {"url": "http://[::1"}])
def test_a_webhook_has_one_url_that_is_one(given):
    with pytest.raises(ValidationError):
        Webhook(**given)


def test_a_webhook_by_its_url_hashes_as_it_always_did():
    assert "url_from" not in Webhook(url="http://a.example").model_dump()


def test_a_secret_with_the_line_end_of_its_file_is_sent_without_it(chat, monkeypatch):
    monkeypatch.setenv("CHAT_TOKEN", "s3cret\n")
    sent = messages(Webhook(url=f"{chat}/hook", secret_from="CHAT_TOKEN"))
    sent.send(STEP)
    sent.flush()
    assert Chat.got[0][1] == "Bearer s3cret" and sent.failures() == ()


def test_a_secret_that_no_header_can_carry_is_trouble_and_not_shown(chat, monkeypatch):
    monkeypatch.setenv("CHAT_TOKEN", "s3cret\nX-Other: 1")
    sent = messages(Webhook(url=f"{chat}/hook", secret_from="CHAT_TOKEN"))
    sent.send(STEP)
    sent.flush()
    ((_, trouble),) = sent.failures()
    assert "CHAT_TOKEN cannot be sent" in trouble.error and "s3cret" not in trouble.error


def test_at_the_end_slow_messages_are_waited_for_together(monkeypatch):
    """Ten seconds in all, not for each."""
    told, waited = iter([0, 4, 9, 30]), []
    monkeypatch.setattr("bluegreen.outside.messages.stopwatch", lambda: lambda: timedelta(seconds=next(told)))
    sent = messages()
    sent._threads = [SimpleNamespace(join=waited.append) for _ in range(4)]
    sent.flush(10)
    assert waited == [10, 6, 1, 0]
