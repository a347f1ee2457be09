"""Dangerous situations: each has its place in the docs, and a fixed exploration reaches it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from sim.explore.baseline import baseline
from sim.explore.case import Case
from sim.explore.modes import all_kinds
from sim.explore.outcome import outcome_of
from sim.explore.swarm import drawn
from sim.faults.api_once import ApiOnce
from sim.faults.engine_crash import EngineCrash
from sim.reached import MARKS, marks
from tests.explore.conftest import HORIZON, short_of

CAREFUL = {"drain": {"below": "0%", "ceiling": "15m"}, "rollback": {"pace": "stepped"}, "bake": "5m"}
"""A plan that waits for the last user, and goes back in steps."""
GROUPS = (
    (100, all_kinds()),
    (
        100,
        (
            "api_error",
            "api_throttle",
            "api_timeout",
            "engine_crash",
            "lost_reply",
            "metric_gap",
            "operator_scale_in",
            "bad_release",
        ),
    ),
    (40, ("operator_pauses", "operator_says", "metric_gap")),
    (40, ("operator_says",)),
    (60, ("bad_release", "engine_crash")),
    (60, ("az_loss", "bad_release", "hidden_user", "instance_loss", "operator_deletes_record", "operator_scale_in")),
    (30, ("bad_release", "engine_crash", "operator_pauses")),
    (30, ("operator_deletes_record", "slow_dns")),
    (12, ("flapping_checks",)),
    (24, ("metric_delay", "metric_gap", "operator_says")),
)
CAREFULLY = (
    (24, ("slow_dns",)),
    (24, ("api_error", "bad_release")),
    (30, ("instance_loss", "no_capacity")),
)
"""So many seeds with these kinds of faults: few kinds meet in more combinations."""
DOCS = (Path(__file__).parents[2] / "docs" / "explore.md").read_text()


def test_the_docs_list_every_mark_and_there_are_more_than_sixty():
    listed = re.findall(r"^- (.+)$", DOCS.partition("## Situations")[2], flags=re.MULTILINE)
    assert listed == list(marks()) and len(listed) > 60


def test_marks_are_named_as_situations():
    assert all(name == name.strip().lower() and 8 < len(name) < 62 for name in MARKS)


def test_a_run_without_faults_comes_by_nearly_none_of_them(material):
    assert len(outcome_of(material, Case(1)).reached) < 6


def refused_and_then_dead(material):
    """Chance seldom hits it: the first change of weights is throttled, and the engine dies at its next call."""
    call = baseline(material).calls.index("route53:ChangeResourceRecordSets") + 1
    return Case(1, (ApiOnce(call=call, trouble="throttle"), EngineCrash(before_call=call + 1)))


@pytest.mark.slow
def test_a_fixed_exploration_reaches_each_situation(material):
    counted = Counter(outcome_of(material, refused_and_then_dead(material)).reached)
    careful = short_of(CAREFUL)
    for here, groups in ((material, GROUPS), (careful, CAREFULLY)):
        for seeds, kinds in groups:
            for seed in range(1, seeds + 1):
                counted.update(outcome_of(here, drawn(seed, kinds, HORIZON)).reached)
    assert [name for name in marks() if not counted[name]] == []
