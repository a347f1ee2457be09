"""Engines broken on purpose: found, and shrunk to what a person understands at once."""

from unittest.mock import patch

import pytest
from hypothesis import Phase as Part
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.decide import moves, rules
from bluegreen.decide.watch import Watch
from bluegreen.engine import Engine
from bluegreen.model import HoldScaleIn, Phase
from sim.testing import Broke, rehearse, scenarios, timelines
from sim.testing.recent import RECENT

QUICK = {"strategy": {"kind": "canary", "share": "20%", "hold": "5m"}, "drain": {"below": "1%"}}
BLIND = scenarios(change=QUICK, faults=timelines(2, among=["metric_delay", "metric_gap", "metric_lie"]))
CALM = scenarios(change=QUICK, faults=st.just(()), world={})
looking = settings(max_examples=100, derandomize=True, database=None, phases=[Part.generate, Part.shrink])
act = Engine.act


def no_drain(plan, rollout, seen):
    return moves.go(rollout, seen, Phase.RETIRE, "who needs a drain")


def never_lets_go(engine, action):
    if not isinstance(action, HoldScaleIn) or action.held:
        act(engine, action)


BROKEN = {
    "no drain": (patch.dict(rules.PHASES, {Phase.DRAIN: no_drain}), scenarios(change=QUICK), "slot removed while used"),
    "promote on unknown": (patch.object(Watch, "unknown", ""), BLIND, "no step up without passing"),
    "scaling in is never given back": (patch.object(Engine, "act", never_lets_go), CALM, "wanted succeeded, got needs"),
}
FEWEST = {"no drain": 0, "promote on unknown": 1, "scaling in is never given back": 0}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_engine_is_found_and_shrunk_to_the_fewest_faults(name):
    broken, drawn, found = BROKEN[name]

    @looking
    @given(drawn)
    def holds(case):
        rehearse(case, expect={"end": "succeeded"} if drawn is CALM else None)

    with broken, pytest.raises(Broke, match=found):
        holds()
    smallest = RECENT.scenario
    RECENT.forget()
    assert len(smallest.faults) == FEWEST[name]
    assert smallest.world == type(smallest.world)(), "an ordinary day"
