"""What is rehearsed again and again: one scenario and its plan, with other seeds and with faults on top."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bluegreen.model import End
from bluegreen.plan import Plan
from sim.faults.base import Fault
from sim.run import OnStep, Run, run
from sim.scenario import Scenario, load_scenario, plan_of
from sim.tiers import Tier


@dataclass(frozen=True, slots=True)
class Material:
    """A scenario, its plan, a seed and a tier. It travels to other processes.

    `scenario_path` and `rollout` are the files it came from; who writes scenario files refers to them. `plant` is
    entered around each run, in whichever process: a way to rehearse an engine that is broken on purpose. It must be a
    function that processes can find by its name.
    """

    scenario: Scenario
    plan: Plan
    seed: int = 1
    tier: Tier = Tier.MEMORY
    scenario_path: Path | None = None
    rollout: Path | None = None
    plant: Callable[[], AbstractContextManager[object]] = nullcontext

    def run_with(
        self,
        faults: tuple[Fault, ...],
        *,
        seed: int | None = None,
        tier: Tier | None = None,
        on_step: OnStep | None = None,
    ) -> Run:
        """Rehearse with these faults on top of the scenario's own. Raises UserError."""
        scenario = self.scenario.model_copy(update={"faults": (*self.scenario.faults, *faults)})
        chosen = self.seed if seed is None else seed
        with self.plant():
            return run(scenario, self.plan, chosen, on_step, tier=tier or self.tier)

    def end_with(self, *faults: Fault) -> tuple[End | None, str, tuple[str, ...]]:
        """How it ends with these faults on top: the end, what broke, and the calls that the engine made."""
        done = self.run_with(faults)
        return done.rollout.end, broken_in(done), tuple(done.world.api.log)


def broken_in(done: Run) -> str:
    """What broke, in one line."""
    return "; ".join(f"{each.invariant}: {each.why}" for each in done.broken)


def material(scenario_path: Path, rollout: Path | None, seed: int = 1, tier: Tier = Tier.MEMORY) -> Material:
    """From files. Raises UserError."""
    scenario = load_scenario(scenario_path)
    return Material(scenario, plan_of(scenario, scenario_path, rollout), seed, tier, scenario_path, rollout)
