"""`bluegreen deploy` over HTTP against moto's server in a process of its own: real sockets, real time, real signals.

moto's server answers instantly and evaluates nothing, so a second process plays the balancers: it publishes that they
are alive. One whole minute of evidence is the least a drain can take, which is why these tests are slow.
"""

import signal
import time

import pytest

from bluegreen.journal.entries import Decided, Resumed
from bluegreen.journal.fold import fold
from bluegreen.model import End, Phase

from .shop import PATIENCE, REGION, ROLLOUT, Balancers, command, entries, groups, weights

pytestmark = pytest.mark.slow


def test_without_yes_nothing_is_changed(aws, room):
    client, env = aws
    dry = command(env, room, "deploy", "shop.rollout.yaml")
    said, _ = dry.communicate(timeout=PATIENCE)
    assert dry.returncode == 0, said
    assert "nothing was changed" in said and "green as a clone of shop-blue" in said
    assert groups(client) == ["shop-blue"] and not weights(client)
    assert not (room / ".bluegreen").exists()


def test_an_account_or_region_that_the_file_does_not_list_is_refused(aws, room):
    _, env = aws
    text = ROLLOUT.replace("123456789012", "210987654321").replace("[us-east-1]", "[eu-west-1]")
    (room / "shop.rollout.yaml").write_text(text)
    refused = command(env, room, "deploy", "shop.rollout.yaml", "--yes")
    said, _ = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 4
    assert "this is account 123456789012; the file lists 210987654321" in said
    assert "this is region us-east-1; the file lists eu-west-1" in said


def test_what_is_wrong_in_the_account_is_told_at_once_and_nothing_is_done(aws, room):
    client, env = aws
    text = ROLLOUT.replace("zone: example.com", "zone: example.org").replace("group: shop-blue", "group: shop-bleu")
    (room / "shop.rollout.yaml").write_text(text.replace("shop-errors", "shop-erros"))
    refused = command(env, room, "deploy", "shop.rollout.yaml", "--yes")
    said, _ = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 4
    assert "example.org" in said and "shop-bleu" in said and "shop-erros" in said
    assert "Traceback" not in said
    assert groups(client) == ["shop-blue"]


def test_no_credentials_is_one_clear_line(aws, room):
    _, env = aws
    bare = {name: value for name, value in env.items() if not name.startswith("AWS_")}
    bare |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": REGION}
    refused = command(bare, room, "deploy", "shop.rollout.yaml")
    said, _ = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 4 and "Traceback" not in said
    assert "Unable to locate credentials" in said


def test_a_rollout_succeeds_over_http(aws, room):
    client, env = aws
    with Balancers(client):
        done = command(env, room, "deploy", "shop.rollout.yaml", "--yes", "--journal", "x.journal")
        said, _ = done.communicate(timeout=PATIENCE)
    assert done.returncode == 0, said
    assert weights(client) == {"green": 100}
    assert [name for name in groups(client) if name.startswith("shop-green-")] == groups(client)
    assert fold(entries(room / "x.journal")).end is End.SUCCEEDED
    assert said.count("50% of the answers to green") >= 1
    assert "Green took over in" in said
    assert "50% of the answers to green" in (room / "x.journal.html").read_text()


def test_a_rollout_killed_in_the_middle_is_resumed_to_the_same_end(aws, room):
    client, env = aws
    path = room / "x.journal"
    with Balancers(client):
        first = command(env, room, "deploy", "shop.rollout.yaml", "--yes", "--journal", path)
        until = time.monotonic() + 120
        while weights(client).get("green") != 50 and time.monotonic() < until:
            time.sleep(0.1)
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=PATIENCE)
        assert weights(client) == {"blue": 50, "green": 50}
        assert fold(entries(path)).phase is not Phase.DONE
        second = command(env, room, "resume", "shop.rollout.yaml", "--journal", path)
        said, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, said
    assert weights(client) == {"green": 100}
    assert len(groups(client)) == 1 and groups(client)[0].startswith("shop-green-")
    kept = entries(path)
    assert [type(entry) for entry in kept].count(Resumed) == 1
    steps = [e.decision.rollout.step for e in kept if isinstance(e, Decided)]
    assert steps == sorted(steps), "no step was done twice"


def test_ctrl_c_leaves_a_journal_and_says_how_to_go_on(aws, room):
    client, env = aws
    stopped = command(env, room, "deploy", "shop.rollout.yaml", "--yes", "--journal", "x.journal")
    until = time.monotonic() + 120
    while not weights(client) and time.monotonic() < until:
        time.sleep(0.1)
    stopped.send_signal(signal.SIGINT)
    said, _ = stopped.communicate(timeout=PATIENCE)
    assert stopped.returncode == 130 and "Traceback" not in said
    assert "bluegreen resume shop.rollout.yaml --journal x.journal" in said
    assert not fold(entries(room / "x.journal")).finished
