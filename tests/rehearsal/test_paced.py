"""A rehearsal at human speed: the same run as at any other speed, unless somebody says something."""

import json
from datetime import timedelta

import pytest

from bluegreen.clock import stopwatch
from bluegreen.control.memory import MemoryInbox
from bluegreen.journal.entries import Decided
from bluegreen.model import Command, End
from sim.paced import Paced, parse_speed
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier


def at_speed(speed, inbox=None, tell=lambda line: None, scenario="all-well", tier=Tier.MEMORY):
    paced = Paced(speed, tell, inbox or MemoryInbox())
    return rehearse(built_in()[scenario], None, 1, paced.step, tier=tier, paced=paced)


@pytest.mark.parametrize("scenario", ["all-well", "engine-dies", "errors-at-30"])
def test_who_only_watches_gets_the_same_bytes(scenario):
    told = []
    done = at_speed(1e9, tell=told.append, scenario=scenario)
    assert done.trace == rehearse(built_in()[scenario], None, 1, tier=Tier.MEMORY).trace
    own = [line for line in done.trace.splitlines() if json.loads(line)["kind"] not in ("header", "end", "broken")]
    assert set(told[1:]) <= set(own) and len(told) > 0.9 * len(own), "and is told nearly all of it on the way"


@pytest.mark.slow
def test_the_moto_tier_can_be_watched_too():
    assert at_speed(1e9, tier=Tier.MOTO).run.rollout.end is End.SUCCEEDED


@pytest.mark.slow
def test_time_passes_as_fast_as_was_asked_for():
    """A lower bound only: how late a busy machine is, nobody knows."""
    watch = stopwatch()
    done = at_speed(3600)
    virtual = done.run.entries[-1].at - done.run.entries[0].at
    assert watch() >= virtual / 3600 - timedelta(seconds=0.1)


def test_what_an_operator_says_is_obeyed_and_written_down_with_who_and_why():
    inbox = MemoryInbox()

    def tell(line):
        if json.loads(line).get("kind") == "sample" and json.loads(line)["share"]["green"] > 0:
            inbox.send(Command("abort", "ann", "i do not like it", id="1"))

    done = at_speed(1e9, inbox, tell)
    assert done.run.rollout.end is End.ABORTED
    seen = [entry.seen for entry in done.run.entries if isinstance(entry, Decided)]
    [command] = [command for look in seen for command in look.commands]
    assert (command.verb, command.who, command.why) == ("abort", "ann", "i do not like it")
    header = json.loads(done.trace.splitlines()[0])
    assert any("ann said abort while it ran (i do not like it)" in note for note in header["notes"])
    assert not done.run.broken


@pytest.mark.parametrize(("text", "speed"), [("60x", 60.0), ("60", 60.0), ("0.5x", 0.5)])
def test_a_speed_is_read_as_people_write_it(text, speed):
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "x", "0x", "-1x", "inf", "nanx", "fast"])
def test_what_is_no_speed_is_refused(text):
    with pytest.raises(ValueError):
        parse_speed(text)
