"""The `rehearse` fixture: one call that rehearses anything a test may hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.scenario import find_scenario, load_scenario, merge
from sim.scenefile import scenario_content
from sim.testing.drawn import Drawn
from sim.testing.trial import Tried, rehearse
from sim.tiers import Tier


class Rehearse:
    """`rehearse(case)` for what Hypothesis drew, which is whole; `rehearse("errors-at-30")` for a scenario of the
    catalogue or a file, with the project's `rollout` and `world` fixtures and the command line's seeds. The tier is the
    command line's."""

    def __init__(self, tier: str, rollout: Path | str | None, world: Mapping[str, Any], seed: int | None) -> None:
        self._tier, self._rollout, self._world, self._seed = Tier(tier), rollout, world, seed

    def __repr__(self) -> str:
        return "..."

    def __call__(
        self,
        what: Drawn | Path | str,
        rollout: Path | str | None = None,
        *,
        seed: int | None = None,
        expect: Mapping[str, Any] | None = None,
    ) -> Tried:
        """Returns what came of it. Without `expect` the scenario's own expectations hold. Raises Broke, UserError."""
        __tracebackhide__ = True
        drawn = what if isinstance(what, Drawn) else self._read(str(what), rollout or self._rollout, seed)
        return rehearse(drawn, tier=self._tier, expect=expect)

    def _read(self, name: str, rollout: Path | str | None, seed: int | None) -> Drawn:
        path = find_scenario(name)
        scenario = load_scenario(path)
        content = scenario_content(scenario)
        own = None if scenario.rollout is None else path.parent / scenario.rollout
        if rollout is not None:
            content.pop("change", None)  # it is for the scenario's own rollout: as `bluegreen rehearse` does
        file = own if rollout is None else Path(rollout)
        content |= {"rollout": file and file.resolve(), "world": merge(content.get("world", {}), self._world)}
        chosen = next((each for each in (seed, self._seed) if each is not None), scenario.seed)
        return Drawn.model_validate({**content, "seed": chosen})
