"""Operators against the engine: a state machine that steps in between the engine's looks.

Whatever is done becomes part of one scenario, with its moment: the example is the run, and its saved file replays it
without the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.strategies import SearchStrategy
from pydantic import ValidationError

from bluegreen.model import Rollout
from sim.escape import watching
from sim.faults.base import Fault
from sim.faults.engine_crash import EngineCrash
from sim.faults.operator_pauses import OperatorPauses
from sim.faults.operator_says import DRAWN, OperatorSays
from sim.run import Rehearsing
from sim.testing.drawn import Drawn
from sim.testing.recent import RECENT
from sim.testing.trial import Tried, judge
from sim.testing.trouble import faults
from sim.testing.whole import scenarios
from sim.tiers import Tier, outside
from sim.timeline import Timeline

SOON = st.sampled_from([timedelta(milliseconds=ms) for ms in (1, 500, 7_000, 61_000)])
"""How long after the engine's sleep something happens. Never none: at equal times it would be a matter of order."""
STEPS = 12
"""What people do in one rollout, at most."""
LENGTHS = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 10, 60)])


def _at(fault: Fault, at: timedelta) -> Fault:
    """Raises ValidationError for a fault that must have a trigger of its own."""
    content = {**fault.model_dump(), "share": None, "phase": None, "after": timedelta(0), "at": at}
    return type(fault).model_validate(content)


def _at_any_time(fault: Fault) -> bool:
    try:
        _at(fault, timedelta(0))
    except ValidationError:
        return False
    return True


class OperatorsMachine(RuleBasedStateMachine):
    """Subclass it to add rules of your own: `happens` does something to the run, `looks` lets the engine go on. In the
    end the engine must come to a named end by itself, within the scenario's time. Runs on the memory tier."""

    scenarios: SearchStrategy[Drawn]

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.drawn = data.draw(self.scenarios, label="scenario")
        self.done: list[Fault] = list(self.drawn.faults)
        RECENT.tries(self.drawn, Tier.MEMORY)
        self.going = Rehearsing(self.drawn, self.drawn.plan, self.drawn.seed)
        with watching():
            self.going.begin(outside(Tier.MEMORY, self.going.world, self.drawn.plan, self.drawn.cloud).__enter__())
        self.looks(1)

    # -- what rules are made of ----------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        rollout = self.going.rollout
        return rollout is not None and (rollout.finished or bool(self.going.watchman.broken))

    @property
    def timeline(self) -> Timeline:
        assert self.going.timeline is not None, "the engine has not begun"
        return self.going.timeline

    def happens(self, fault: Fault, after: timedelta) -> None:
        """`after` from now, whatever the fault itself says: in a replay its trigger could be met before. Raises
        ValidationError for a fault that must have one."""
        fault = _at(fault, self.timeline.age + after)
        self.done.append(fault)
        self.drawn = self.drawn.model_copy(update={"faults": tuple(self.done)})
        RECENT.tries(self.drawn, Tier.MEMORY)
        with watching():
            self.timeline.add(fault)

    def looks(self, times: int) -> None:
        """The engine looks so often, decides and acts. Raises Broke."""
        with watching():
            self.going.go_on(_times(times))
        self._judge()

    def _judge(self) -> None:
        if self.going.watchman.broken:
            self._end()

    def _end(self) -> None:
        with watching():
            self.ended = self.going.end()
        judge(Tried(self.drawn, self.drawn.plan, self.ended))

    # -- the rules -----------------------------------------------------------------------------------------------

    @rule(times=st.integers(1, 30))
    def time_passes(self, times: int) -> None:
        if not self.over:
            self.looks(times)

    @precondition(lambda self: not self.over)
    @rule(verb=st.sampled_from(DRAWN), after=SOON)
    def somebody_says(self, verb: Any, after: timedelta) -> None:
        self.happens(OperatorSays(verb=verb), after)

    @precondition(lambda self: not self.over)
    @rule(lasts=LENGTHS, after=SOON)
    def somebody_pauses(self, lasts: timedelta, after: timedelta) -> None:
        self.happens(OperatorPauses(lasts=lasts), after)

    @precondition(lambda self: not self.over)
    @rule(down=LENGTHS, after=SOON)
    def the_engine_dies(self, down: timedelta, after: timedelta) -> None:
        self.happens(EngineCrash(down=down), after)

    @precondition(lambda self: not self.over)
    @rule(fault=faults().filter(_at_any_time), after=SOON)
    def something_goes_wrong(self, fault: Fault, after: timedelta) -> None:
        self.happens(fault, after)

    def teardown(self) -> None:
        """Nobody steps in any more."""
        if not hasattr(self, "going") or self.going.watchman.broken:
            return
        with watching():
            self.going.go_on()
        self._end()


def _times(count: int) -> Callable[[Rollout], bool]:
    left = iter(range(count))
    return lambda rollout: next(left, None) is not None


def operators_against(rollout: Path | str | None = None, **parts: SearchStrategy[Any]) -> type[OperatorsMachine]:
    """A machine for a rollout file, or for the catalogue's shop; `parts` as of `scenarios`. Its `TestCase` is the test:

    TestOperators = operators_against("shop.rollout.yaml").TestCase
    """
    drawn = scenarios(rollout, **{"faults": st.just(()), **parts})
    machine: Any = type("Operators", (OperatorsMachine,), {"scenarios": drawn})
    machine.TestCase.settings = settings(machine.TestCase.settings, stateful_step_count=STEPS)
    return cast("type[OperatorsMachine]", machine)
