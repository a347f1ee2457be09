"""What checks, hooks and messages meet in a rehearsal: nothing is run and nobody is told, but all of it takes its time
and can go wrong. The same on both tiers.

    checks:
      smoke: {takes: 20s, answers: fail, detail: "GET / answered 500"}
      migrate: {takes: 3m, answers: [unknown, pass]}        # one answer for each time it is begun
    notices: fail

A check that the scenario does not name passes after ten seconds. An `http` check then meets the candidate as it is: its
requests fail as often as users' would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from bluegreen.checks.base import Check
from bluegreen.checks.http import Http
from bluegreen.model import CheckView, Notice, Trouble
from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration
from sim.clock import EPOCH, ms, now_ms
from sim.draws import generator

if TYPE_CHECKING:
    from sim.world import World

Said = Literal["pass", "fail", "unknown", "hang"]
Answers = Annotated[tuple[Said, ...], Field(min_length=1)]
STATES: Mapping[Said, Literal["passed", "failed", "unknown"]] = {
    "pass": "passed",
    "fail": "failed",
    "unknown": "unknown",
}


def _listed(given: object) -> object:
    return (given,) if isinstance(given, str) else given


class CheckAnswer(Spec):
    """How a check fares."""

    takes: Duration = parse_duration("10s")
    answers: Annotated[Answers, BeforeValidator(_listed, json_schema_input_type=Said | Answers)] = ("pass",)
    """One for each time it is begun; the last one is for all times after. hang: it never ends by itself."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    began: int
    until: int
    said: Said
    detail: str


class SimChecks:
    """`bluegreen.ports.Checks`, as one engine process knows it: what runs dies with it. `begun` outlives engines: how
    often each check was begun."""

    def __init__(self, world: World, answers: Mapping[str, CheckAnswer], begun: dict[str, int]) -> None:
        self._world, self._answers, self._begun = world, answers, begun
        self._runs: dict[str, _Run] = {}
        if world.data is not None:
            world.data.killed()

    def begin(self, run: str, check: Check, facts: Mapping[str, str]) -> None:
        if run in self._runs:
            return
        number = self._begun[check.name] = self._begun.get(check.name, 0) + 1
        answer = self._answers.get(check.name) or self._by_itself(run, check, number)
        said = answer.answers[min(number, len(answer.answers)) - 1]
        now = now_ms(self._world.env)
        limit, takes = ms(check.timeout), ms(answer.takes)
        if self._world.data is not None and run.startswith("data/"):
            takes = self._world.data.left(run, takes)
        until = now + (limit if said == "hang" else min(limit, takes))
        late = said == "hang" or takes > limit
        detail = "it was ended at its time limit" if late else answer.detail
        self._runs[run] = _Run(now, until, "unknown" if late else said, detail)
        if self._world.data is not None and run.startswith("data/"):
            self._world.data.command(run, until, passes=said == "pass" and not late)

    def look(self, run: str) -> CheckView:
        at = self._runs.get(run)
        if at is None:
            return CheckView("absent")
        if now_ms(self._world.env) < at.until:
            return CheckView("running", since=self._moment(at.began))
        data = self._world.data.said(run) if self._world.data is not None else ""
        return CheckView(STATES[at.said], at.detail or data or f"it says {at.said}", self._moment(at.until))

    def stop(self, run: str) -> None:
        self._runs.pop(run, None)
        if self._world.data is not None and run.startswith("data/"):
            self._world.data.stop(run)

    def _moment(self, at: int) -> datetime:
        return EPOCH + timedelta(milliseconds=at)

    def _by_itself(self, run: str, check: Check, number: int) -> CheckAnswer:
        """An http check meets the candidate as users would; anything else goes well."""
        if not isinstance(check, Http) or check.url:
            return CheckAnswer()
        world = self._world
        place = world.places[world.plan.live.slot.other]
        if not place.healthy:
            return CheckAnswer(answers=("unknown",), detail="nobody answers")
        count = len(check.requests) * check.rounds
        failed = int(generator(world.seed, f"check/{run}/{number}").binomial(count, place.release.fails))
        if failed:
            return CheckAnswer(answers=("fail",), detail=f"{failed} of {count} requests failed")
        return CheckAnswer(detail=f"{count} requests were answered as expected")


class SimNotices:
    """`bluegreen.ports.Notices`: `told` keeps what arrived, `works` says whether anything does."""

    def __init__(self, told: list[Notice], *, works: bool) -> None:
        self._told, self._works = told, works
        self._failed: list[tuple[Notice, Trouble]] = []

    def send(self, notice: Notice) -> None:
        if self._works:
            self._told.append(notice)
        else:
            self._failed.append((notice, Trouble("notify", "no answer (rehearsed)")))

    def failures(self) -> tuple[tuple[Notice, Trouble], ...]:
        failed, self._failed = tuple(self._failed), []
        return failed
