"""A team's own command: the contract as one body over the real processes and the rehearsal's."""

import itertools
import json
import os
import shlex
import sys
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import OperatingError, Refused, Unreachable
from bluegreen.model import Presence
from bluegreen.outside.making import Ended, Making, Mark, outputs_of
from bluegreen.outside.programs import RealPrograms
from bluegreen.plan.ways import Command

SAID = {"balancer": "shop-green", "group": "shop-green"}
PYTHON = shlex.quote(sys.executable)


def script(folder, name, text):
    """A program of the team's, and how it is called."""
    file = folder / f"{name}.py"
    file.write_text(f"import json, os, subprocess, sys, time\n{text}\n")
    return f"{PYTHON} {shlex.quote(str(file))}"


class Team:
    """Commands in a folder, and engines that come and go."""

    def __init__(self, folder, **commands):
        self.folder = folder
        texts = {"create": f"print(json.dumps({SAID!r}))", "remove": "print('gone')", **commands}
        limits = {key: texts.pop(key) for key in ("timeout", "look_timeout") if key in texts}
        called = {name: script(folder, name, text) for name, text in texts.items()}
        self.spec = Command(**called, **limits, folder=folder)
        self.programs = RealPrograms(self.spec, folder, {})
        self.again()

    def again(self):
        """A new engine. What the old one began dies with it."""
        self.end()
        self.programs = RealPrograms(self.spec, self.folder / "kept", {"BLUEGREEN_NAME": "shop-green-1"})
        self.making = Making(self.spec, self.programs)
        return self

    def end(self):
        for step in ("create", "remove", "look"):
            self.programs.stop(step)

    def until(self, *presences):
        for _ in range(500):
            standing = self.making.standing()
            if standing.presence in presences:
                return standing
            time.sleep(0.02)
        raise AssertionError(f"it never was {presences}, but {standing}")


@pytest.fixture
def team(tmp_path):
    """team(create="...", ...): commands given as Python."""
    teams = []

    def made(**commands):
        teams.append(Team(tmp_path, **commands))
        return teams[-1]

    yield made
    for each in teams:
        each.end()


def test_it_is_made_by_create_and_is_what_that_says_and_remove_takes_it_away(team):
    it = team()
    assert it.making.standing().presence is Presence.ABSENT
    it.making.create()
    assert it.until(Presence.READY).outputs == SAID
    it.making.remove()
    assert it.until(Presence.ABSENT).outputs is None
    assert it.again().making.standing().presence is Presence.ABSENT


def test_a_new_engine_knows_what_was_made_without_asking_again(team, tmp_path):
    it = team(create=f"open('count', 'a').write('x'); print(json.dumps({SAID!r}))")
    it.making.create()
    it.until(Presence.READY)
    assert it.again().making.standing().outputs == SAID
    it.making.create()
    assert (tmp_path / "count").read_text() == "x"


def test_a_crash_in_the_midst_of_create_kills_it_and_the_next_engine_begins_it_again(team, tmp_path):
    it = team(
        create="open('count', 'a').write('x'); time.sleep(0 if os.path.exists('fast') else 60);"
        f" print(json.dumps({SAID!r}))",
    )
    it.making.create()
    wait_for(tmp_path / "count")
    it.programs.stop("create")  # what the death of an engine does
    (tmp_path / "fast").touch()
    standing = it.again().making.standing()
    assert (standing.presence, "begun again" in standing.detail) == (Presence.CREATING, True)
    it.making.create()
    it.until(Presence.READY)
    assert (tmp_path / "count").read_text() == "xx"


def test_what_was_begun_and_never_finished_is_removed_all_the_same(team, tmp_path):
    it = team(create="open('begun', 'w'); time.sleep(60)", remove="open('removed', 'w')")
    it.making.create()
    wait_for(tmp_path / "begun")
    it.programs.stop("create")
    it.again().making.remove()
    it.until(Presence.ABSENT)
    assert (tmp_path / "removed").exists()


def test_what_this_rollout_never_began_it_never_removes(team, tmp_path):
    it = team(remove="open('removed', 'w')")
    it.making.remove()
    assert it.making.standing().presence is Presence.ABSENT
    assert not (tmp_path / "removed").exists()


def test_a_create_that_fails_says_its_exit_code_and_its_last_lines(team):
    it = team(create="print('plan: 3 to add'); print('Error: the VPC is full'); sys.exit(4)")
    it.making.create()
    detail = it.until(Presence.FAILED).detail
    assert "exit code 4" in detail and "Error: the VPC is full" in detail


def test_at_the_time_limit_it_is_killed_with_all_that_it_started(team, tmp_path):
    child = "import time, os; open('child', 'w').write(str(os.getpid())); time.sleep(60)"
    it = team(create=f"subprocess.run([sys.executable, '-c', {child!r}])", timeout="2s")
    it.making.create()
    assert "time limit" in it.until(Presence.FAILED).detail
    pid = int(wait_for(tmp_path / "child"))
    with pytest.raises(ProcessLookupError):
        for _ in range(200):
            os.kill(pid, 0)
            time.sleep(0.02)


def test_without_names_at_the_end_it_has_failed_and_says_what_was_wanted(team):
    it = team(create="print('done')")
    it.making.create()
    assert "JSON object with balancer and group" in it.until(Presence.FAILED).detail


def test_a_remove_that_fails_is_tried_again_until_it_succeeds(team, tmp_path):
    it = team(remove="sys.exit(0 if os.path.exists('ok') else 1)")
    it.making.create()
    it.until(Presence.READY)
    it.making.remove()
    for _ in range(100):
        if "exit code 1" in it.making.standing().detail:
            break
        time.sleep(0.02)
    (tmp_path / "ok").touch()
    it.making.remove()
    it.until(Presence.ABSENT)


def test_the_commands_are_told_what_they_are_for(team):
    said = "{'balancer': os.environ['BLUEGREEN_NAME'], 'group': os.environ['BLUEGREEN_STEP']}"
    it = team(create=f"print(json.dumps({said}))")
    it.making.create()
    assert it.until(Presence.READY).outputs == {"balancer": "shop-green-1", "group": "create"}


@pytest.mark.parametrize(("answer", "presence"), [(0, Presence.READY), (3, Presence.ABSENT)])
def test_on_another_machine_look_tells_what_is_there(team, answer, presence):
    it = team(look=f"print(json.dumps({SAID!r})); sys.exit({answer})")
    with pytest.raises(Unreachable, match="not answered yet"):
        it.making.standing()
    assert asked(it).presence is presence


def test_a_look_that_fails_is_no_answer(team):
    it = team(look="print('no credentials'); sys.exit(1)")
    with pytest.raises(OperatingError, match="no credentials"):
        asked(it, give_up_on="exit code")


def test_a_mark_that_cannot_be_read_is_not_one_that_is_not_there(team, tmp_path):
    it = team()
    it.making.create()
    it.until(Presence.READY)
    (tmp_path / "kept" / "mark.json").write_text("{")
    with pytest.raises(Refused, match="only it knows what was made"):
        it.making.standing()


def test_a_program_that_is_not_there_fails_with_its_name(tmp_path):
    spec = Command(create="no-such-program --x", remove="true", folder=tmp_path)
    making = Making(spec, RealPrograms(spec, tmp_path / "kept", {}))
    making.create()
    for _ in range(200):
        if making.standing().presence is Presence.FAILED:
            break
        time.sleep(0.02)
    assert "no-such-program" in making.standing().detail


def asked(team, give_up_on="never"):
    for _ in range(500):
        try:
            return team.making.standing()
        except Unreachable as error:
            if give_up_on in str(error):
                raise
            time.sleep(0.02)
    raise AssertionError("look never answered")


def wait_for(file):
    for _ in range(500):
        if file.exists() and (file.stat().st_size or file.name != "child"):
            return file.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{file.name} never came")


# -- every order of events ------------------------------------------------------------------------------------------


@dataclass
class Scripted:
    """Programs of a test: what ends when is said from outside. What `create` ever began has to be removed."""

    there: bool = False

    def __post_init__(self):
        self.runs, self.kept = {}, Mark()

    def begin(self, step):
        self.runs[step] = None
        if step == "create":
            self.there = True
        elif step == "remove":
            assert self.there, "remove was run though create never was"

    def end(self, step, code):
        if step in self.runs and self.runs[step] is None:
            self.runs[step] = Ended(code, f"exit code {code}", (json.dumps(SAID),))
            if step == "remove" and code == 0:
                self.there = False

    def ended(self, step):
        return self.runs[step]

    def begun(self, step):
        return step in self.runs

    def last(self, step):
        return ""

    def stop(self, step):
        self.runs.pop(step, None)

    def mark(self):
        return self.kept

    def keep(self, mark):
        self.kept = mark


EVENTS = ("create", "remove", "look", "crash", "create ends", "create fails", "remove ends", "remove fails")
SPEC = Command(create="make", remove="unmake")


def play(events):
    """Returns the programs after these events; each engine looks after each of them, as engines do."""
    programs = Scripted()
    making = Making(SPEC, programs)
    for event in events:
        match event.split():
            case ["create"]:
                if making.standing().presence in (Presence.ABSENT, Presence.CREATING):
                    making.create()
            case ["remove"]:
                making.remove()
            case ["crash"]:
                programs.runs.clear()
                making = Making(SPEC, programs)
            case [step, how] if how in ("ends", "fails"):
                programs.end(step, 0 if how == "ends" else 1)
        making.standing()
    return programs, making


def test_after_every_short_story_removing_ends_with_nothing_and_only_then_is_it_absent():
    for events in itertools.product(EVENTS, repeat=4):
        programs, making = play(events)
        assert programs.there or making.standing().presence is Presence.ABSENT
        for _ in range(3):
            making.remove()
            programs.end("remove", 0)
            making.standing()
        assert not programs.there, events
        assert making.standing().presence is Presence.ABSENT, events


@given(events=st.lists(st.sampled_from(EVENTS), max_size=30))
def test_absent_means_that_nothing_was_begun_that_is_not_removed(events):
    programs, making = play(events)
    if making.standing().presence is Presence.ABSENT:
        assert not programs.there


@given(noise=st.lists(st.text(max_size=20), max_size=5))
def test_the_last_json_object_counts_whatever_is_written_around_it(noise):
    lines = [json.dumps({"balancer": "old", "group": "old"}), *noise]
    kept = [line for line in lines if not line.strip().startswith("{") or line == lines[0]]
    assert outputs_of((*kept, json.dumps(SAID), "that was it")) == SAID
    assert outputs_of((json.dumps({"balancer": "x"}),)) is None


def test_limits_are_those_of_the_step():
    spec = Command(create="a", remove="b", look="c", timeout="10m")
    assert (spec.limit("create"), spec.limit("look")) == (timedelta(minutes=10), timedelta(seconds=20))


@pytest.mark.parametrize(("text", "words"), [("make 'x", "cannot be split"), ("", "does nothing")])
def test_a_command_that_is_none_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        Command(create=text, remove="true")
