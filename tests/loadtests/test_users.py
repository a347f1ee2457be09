"""Users who honour DNS, or not, in a real locust against real servers."""

import subprocess
import sys

import pytest

from tests.checks.waiting import until

from .places import LOADTESTS, NAME, Names, Shop, certificate, told_by, two_shops, verdict

pytestmark = pytest.mark.slow

USERS = """
from locust import task
from loadtests.users import DnsFastUser, DnsUser

class Shopper({base}):
    def on_start(self):
        self.client.verify = False

    @task
    def look(self):
        self.client.get("/", headers={{"X-Who": self.habit.kind}})
"""


def written(tmp_path, base):
    file = tmp_path / f"{base}_file.py"
    file.write_text(USERS.format(base=base))
    return file


def came(shop, who, since=0):
    return [each for each in shop.asked[since:] if each[1] == who]


@pytest.mark.parametrize("base", ["DnsFastUser", "DnsUser"])
def test_each_kind_of_user_follows_a_new_answer_in_its_own_time(tmp_path, locust, base):
    names = Names("127.0.0.2")
    kinds = ("--never", "25%", "--connected", "25%", "--stretching", "25%", "--stretch", "10h")
    with two_shops() as (blue, green), told_by(names) as resolver:
        users = locust(
            written(tmp_path, base),
            *("--host", f"http://{NAME}:{blue.port}", "--resolver", resolver, "--users", 8, "--spawn-rate", 8),
            *("--pace", 20, "--run-time", "10m", *kinds, "--verdict", tmp_path / "results"),
        )
        until(lambda: all(len(came(blue, who)) >= 8 for who in ("honest", "never", "connected", "stretching")), 60)
        names.addresses = ("127.0.0.3",)
        until(lambda: len(came(green, "honest")) >= 40, 60)  # more than 1 s, the TTL, for two users at 20 a second
        since = len(blue.asked)
        until(lambda: len(blue.asked) >= since + 60, 60)
        assert came(blue, "honest", since) == [], "they follow when the TTL is over"
        assert {who for _, who, _ in green.asked} == {"honest"}, "the others stay"
        blue.closing = True
        until(lambda: came(green, "connected"), 60)  # whose connection was closed asks again
        since = len(blue.asked)
        until(lambda: came(blue, "never", since) and came(blue, "stretching", since), 60)
        assert {who for _, who, _ in green.asked} == {"honest", "connected"}
        assert {host for host, _, _ in (*blue.asked, *green.asked)} == {f"{NAME}:{blue.port}"}
        assert users.terminate() == 2, "it was stopped before its end: nobody knows"
    seen = verdict(tmp_path)
    assert seen["why"] == ["it was stopped before its end"]
    assert seen["users"]["connections to 127.0.0.3"] >= 4


@pytest.mark.parametrize("base", ["DnsFastUser", "DnsUser"])
def test_another_port_and_resolver_may_come_from_the_environment_and_the_name_stays(
    tmp_path, locust, base, monkeypatch
):
    with Shop("127.0.0.2") as shop, told_by(Names("127.0.0.2")) as resolver:
        monkeypatch.setenv("LOCUST_RESOLVER", resolver)
        monkeypatch.setenv("LOCUST_CONNECT_PORT", str(shop.port))
        locust(written(tmp_path, base), "--host", f"http://{NAME}", "--run-time", "10m")
        until(lambda: len(shop.asked) > 1, 60)
        assert {host for host, _, _ in shop.asked} == {NAME}


@pytest.mark.parametrize("base", ["DnsFastUser", "DnsUser"])
def test_under_tls_the_name_stays_the_services(tmp_path, locust, base):
    with Shop("127.0.0.2", context=certificate(tmp_path)) as shop, told_by(Names("127.0.0.2")) as resolver:
        locust(
            written(tmp_path, base),
            *("--host", f"https://{NAME}:{shop.port}", "--resolver", resolver, "--run-time", "10m"),
        )
        until(lambda: shop.asked, 60)
        assert set(shop.tls_names) == {NAME} and shop.asked[0][0] == f"{NAME}:{shop.port}"


def test_a_busy_connection_is_given_up_after_its_time(tmp_path, locust):
    names = Names("127.0.0.2")
    with two_shops() as (blue, green), told_by(names) as resolver:
        locust(
            written(tmp_path, "DnsFastUser"),
            *("--host", f"http://{NAME}:{blue.port}", "--resolver", resolver, "--pace", 20),
            *("--connected", "100%", "--connection", "2s", "--run-time", "10m"),
        )
        until(lambda: blue.asked, 60)
        names.addresses = ("127.0.0.3",)
        until(lambda: came(green, "connected"), 60)


def test_an_answer_that_may_not_be_kept_is_asked_for_each_time_and_the_connection_is_kept(tmp_path, locust):
    names = Names("127.0.0.2", ttl=0)
    with Shop("127.0.0.2") as shop, told_by(names) as resolver:
        users = locust(
            written(tmp_path, "DnsFastUser"),
            *("--host", f"http://{NAME}:{shop.port}", "--resolver", resolver, "--pace", 20, "--run-time", "10m"),
            *("--verdict", tmp_path / "results"),
        )
        until(lambda: len(shop.asked) >= 20, 60)
        users.terminate()
    seen = verdict(tmp_path)["users"]
    assert seen["connections to 127.0.0.2"] == 1 and seen["lookups"] >= 20


def test_when_the_first_address_is_dead_the_next_one_is_tried_and_links_are_followed(tmp_path, locust):
    for base in ("DnsFastUser", "DnsUser"):
        with Shop("127.0.0.3") as shop, told_by(Names("127.0.0.2", "127.0.0.3")) as resolver:
            host = f"http://alias.example.com:{shop.port}"
            users = locust(
                written(tmp_path, base),
                *("--host", host, "--resolver", resolver, "--run-time", "3s", "--pace", 20, "--users", 2),
                *("--stop-timeout", 10, "--requests-at-least", 1, "--failures-below", "1%", "--reached-at-least", "0%"),
            )
            assert users.ended() == 0, users.said()
            assert shop.asked


def test_when_nobody_answers_requests_fail(tmp_path, locust):
    with told_by(Names()) as resolver:  # a name without an address
        users = locust(
            LOADTESTS / "smoke.py",
            *("--host", f"http://{NAME}", "--resolver", resolver, "--run-time", "2s", "--pace", 100),
            *("--verdict", tmp_path / "results", "--requests-at-least", 10),
        )
        assert users.ended() == 1, users.said()
    seen = verdict(tmp_path)
    assert seen["figures"]["failures"] == seen["figures"]["requests"] >= 10
    assert seen["users"]["lookups failed"] == 5, "what failed is remembered: one for each user"


KINDS = """
from argparse import Namespace
from loadtests.habits import habit_of
def kinds(seed, worker, never):
    told = Namespace(seed=seed, never=never, connected=0.25, stretching=0.1, stretch=9.0, connection=1.0)
    return [habit_of(told, worker, number).kind for number in range(100)]
for never in (0.0, 0.05, 0.65):
    found = kinds(7, 0, never)
    print(found == kinds(7, 0, never), found == kinds(8, 0, never), found == kinds(7, 1, never))
    for kind, share in (("never", never), ("connected", 0.25), ("stretching", 0.1)):
        print(max(abs(found[:n].count(kind) - share * n) for n in range(101)) < 3)
"""


def test_the_same_seed_makes_the_same_users_in_the_shares_that_were_asked_for():
    done = subprocess.run([sys.executable, "-c", KINDS], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.split() == ["True", "False", "False", "True", "True", "True"] * 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--never", "10"), 2, "'10' is not a percentage; write it like 10%"),
        (("--never", "60%", "--connected", "60%"), 4, "--never, --connected, --stretching add up to 120%"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_told_before_anything_begins(locust, arguments, code, said):
    users = locust(LOADTESTS / "steady.py", "--host", "http://127.0.0.1:9", *arguments)
    assert users.ended() == code and said in users.said() and "Traceback" not in users.said()


READ = """
import sys
from loadtests.options import pace, positive, seconds, share
from loadtests.resolving import resolver_of
from loadtests.verdict import HELP, limits_of
from argparse import Namespace
kinds = {"share": share, "seconds": seconds, "pace": pace, "positive": positive, "resolver": resolver_of}
def limits(told):
    name, _, text = told.partition("=")
    return limits_of(Namespace(**{**dict.fromkeys(["limits", *HELP], ""), name: text}))
for kind, _, text in (line.strip().partition(" ") for line in sys.stdin):
    try:
        print("fine", (kinds | {"limit": limits})[kind](text))
    except Exception as error:
        print(type(error).__name__, str(error).replace("\\n", " / "))
"""
WRONG = {
    "resolver dns.example.com": "UserError --resolver dns.example.com: write an address, like 10.0.0.2, or with a port",
    "resolver 127.0.0.1:99999": "UserError --resolver 127.0.0.1:99999: write an address",
    "seconds 5": "ArgumentTypeError '5' is not a length of time",
    "pace -1": "ArgumentTypeError -1 is not a number above 0",
    "positive nan": "ArgumentTypeError nan is not a number above 0",
    "limit p95_below=800": "UserError --p95-below: ",
    "limit requests_at_least=x": "UserError --requests-at-least: ",
    "limit limits=nowhere.yaml": "UserError nowhere.yaml: cannot be read: No such file",
    "resolver [::1]:5353": "fine",
    "resolver ": "fine",
    "pace 0": "fine 0.0",
    "limit p95_below=800ms": "fine failures_below=0.01",
    "limit requests_at_least=50": "fine failures_below=0.01",
}


def test_what_is_read_is_right_or_said_to_be_wrong():
    asked = "\n".join(WRONG)
    done = subprocess.run(
        [sys.executable, "-c", READ], input=asked, capture_output=True, text=True, check=True, cwd="/"
    )
    answers = done.stdout.splitlines()
    assert [not answer.startswith(said) for answer, said in zip(answers, WRONG.values(), strict=True)].count(
        True
    ) == 0, done.stdout
