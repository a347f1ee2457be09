"""Two terminals: an engine, and people who speak to it. Real processes, real signals, moto's server as AWS."""

import json
import signal

import pytest

from bluegreen.journal.entries import Decided, Left, Resumed, Started
from bluegreen.journal.fold import fold
from bluegreen.model import End, Phase

from .shop import PATIENCE, ROLLOUT, Balancers, command, entries, groups, until, weights

pytestmark = pytest.mark.slow

LONG = ROLLOUT.replace("healthy_for: 1s", "healthy_for: 10m").replace("every: 5s", "every: 10s")
"""It stays in VERIFY, before any user has seen anything: an abort there ends quickly."""
FILE = "shop.rollout.yaml"


def run(env, room, *arguments):
    """A command to its end: exit code and what it said."""
    process = command(env, room, *arguments)
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def deploy(env, room, text):
    """An engine that has begun, and its journal."""
    (room / FILE).write_text(text)
    engine = command(env, room, "deploy", FILE, "--yes")
    until(lambda: list(room.glob(".bluegreen/*.jsonl")))
    [path] = room.glob(".bluegreen/*.jsonl")
    until(lambda: entries(path) and fold(entries(path)).phase is Phase.VERIFY)
    return engine, path


def test_what_another_terminal_asks_is_answered_written_down_and_shown(aws, room):
    client, env = aws
    engine, path = deploy(env, room, LONG)
    code, said = run(env, room, "pause", FILE, "--why", "lunch", "--who", "ann", "--wait", "30s")
    assert code == 0 and "accepted: nothing is changed from now on" in said
    code, said = run(env, room, "promote", path, "--why", "hurry", "--who", "bob", "--wait", "30s")
    assert code == 1 and "refused: it is paused" in said
    code, said = run(env, room, "status", FILE)
    assert code == 0
    for words in ("verify, step 1 of 2 (50%)", "by ann: lunch", "at work: ", "promote by bob (hurry) - refused"):
        assert words in said
    shown = json.loads(run(env, room, "status", path, "--json")[1])
    assert shown["rollout"]["paused"]["who"] == "ann" and shown["engine"]["alive"]
    code, said = run(env, room, "resume", FILE, "--who", "ann", "--wait", "30s")
    assert code == 0 and "asked shop-" in said and "accepted: it goes on after a pause" in said
    assert run(env, room, "abort", path, "--why", "changed my mind", "--who", "ann")[0] == 0
    said, _ = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 1, said
    assert "abort by ann (changed my mind) - accepted" in said
    assert fold(entries(path)).end is End.ABORTED
    assert groups(client) == ["shop-blue"]
    taken = [c for e in entries(path) if isinstance(e, Decided) for c in e.seen.commands]
    assert [c.verb for c in taken] == ["pause", "promote", "resume", "abort"], "each was taken once"
    code, said = run(env, room, "history", FILE)
    assert code == 0 and "aborted" in said and path.name.partition(".")[0] in said
    code, said = run(env, room, "pause", FILE, "--why", "late")
    assert code == 4 and "has ended (aborted)" in said


def test_a_second_rollout_of_the_service_is_refused_with_the_holders_name(aws, room):
    _, env = aws
    engine, path = deploy(env, room, LONG)
    (room / "elsewhere").mkdir()
    code, said = run(env, room / "elsewhere", "deploy", f"../{FILE}", "--yes", "--journal", "mine.journal.jsonl")
    assert code == 6 and f"pid {engine.pid}" not in said
    assert "has not ended" in said
    code, said = run(env, room, "deploy", FILE, "--yes")
    assert code == 6 and "bluegreen abort" in said
    assert sum(isinstance(entry, Started) for entry in entries(path)) == 1
    engine.kill()
    engine.communicate()
    code, said = run(env, room, "deploy", FILE, "--yes")
    assert code == 6 and "bluegreen resume shop.rollout.yaml" in said, "a dead engine's rollout has not ended either"


def test_what_an_unfinished_rollout_has_made_is_not_taken_for_something_left_behind(aws, room):
    _, env = aws
    deploy(env, room, LONG)
    (room / FILE).write_text(LONG.replace("shop-errors", "none-such"))
    for options in ([], ["--yes"]):
        code, said = run(env, room, "deploy", FILE, *options)
        assert code == 6 and "has not ended" in said and "none-such" not in said, "AWS is not asked before that"


def test_a_command_sent_while_no_engine_lives_is_taken_by_the_next_one(aws, room):
    client, env = aws
    engine, path = deploy(env, room, LONG)
    engine.send_signal(signal.SIGKILL)
    engine.communicate()
    code, said = run(env, room, "abort", FILE, "--why", "it died on us", "--who", "ann")
    assert code == 0 and "no engine is at work" in said
    code, said = run(env, room, "status", FILE)
    assert "none: it died after its last entry" in said and "abort by ann (it died on us) - waiting" in said
    code, said = run(env, room, "resume", FILE)
    assert code == 1 and "this one takes it up in verify" in said
    assert fold(entries(path)).end is End.ABORTED and groups(client) == ["shop-blue"]


def test_an_engine_whose_words_nobody_reads_any_more_goes_on(aws, room):
    client, env = aws
    engine, path = deploy(env, room, LONG)
    engine.stdout.close()
    assert run(env, room, "abort", path, "--why", "it is late", "--wait", "60s")[0] == 0
    assert engine.wait(timeout=PATIENCE) == 1
    assert fold(entries(path)).end is End.ABORTED and groups(client) == ["shop-blue"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_everything_as_it_is_and_the_next_engine_goes_on(aws, room, number):
    client, env = aws
    engine, path = deploy(env, room, LONG)
    engine.send_signal(number)
    said, _ = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 130 and "Traceback" not in said
    assert "bluegreen resume shop.rollout.yaml --journal" in said
    assert isinstance(entries(path)[-1], Left) and number.name in entries(path)[-1].why
    assert len(groups(client)) == 2
    assert "none: it was stopped" in run(env, room, "status", FILE)[1]
    again = command(env, room, "resume", FILE)
    until(lambda: any(isinstance(entry, Resumed) for entry in entries(path)))
    again.kill()
    again.communicate()


def test_where_the_plan_says_so_a_signal_rolls_back_first(aws, room):
    client, env = aws
    engine, path = deploy(env, room, LONG + "on_signal: rollback\n")
    engine.send_signal(signal.SIGTERM)
    said, _ = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 1, said
    assert fold(entries(path)).end is End.ABORTED and "signal aborted: the engine received SIGTERM" in said
    assert groups(client) == ["shop-blue"] and not weights(client).get("green")


def test_a_second_signal_means_now(aws, room):
    _, env = aws
    engine, path = deploy(env, room, LONG + "on_signal: rollback\n")
    engine.send_signal(signal.SIGTERM)
    until(lambda: any(isinstance(e, Decided) and e.seen.commands for e in entries(path)))
    if engine.poll() is None:
        engine.send_signal(signal.SIGINT)
    said, _ = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 130 and "stopped at once" in said and "Traceback" not in said
    assert not fold(entries(path)).finished


def test_a_rollout_that_succeeded_is_undone_to_the_slot_that_was_kept(aws, room):
    client, env = aws
    (room / FILE).write_text(ROLLOUT.replace("retire: remove", "retire: keep"))
    with Balancers(client):
        assert run(env, room, "deploy", FILE, "--yes")[0] == 0
        assert weights(client) == {"green": 100} and len(groups(client)) == 2
        code, said = run(env, room, "undo", FILE)
        assert code == 0 and "green" in said and "nothing was changed" in said and weights(client) == {"green": 100}
        code, said = run(env, room, "undo", FILE, "--yes")
    assert code == 0, said
    assert weights(client) == {"blue": 100} and len(groups(client)) == 2, "both are kept"
    assert "cannot be undone" not in said
    assert run(env, room, "history", FILE)[1].count("succeeded") == 2
