"""What every check has: a name, a time limit, how often it may be repeated, and what becomes of "cannot say".

A check is asked before any user is sent to the candidate (`verify.checks`), or at a stage of the rollout (`hooks`).
Some read the look that the engine makes anyway (`targets`, `config`, `accept`): these answer in `judge`. The others
run outside, beside the engine (`command`, `http`, `locust`, `schema`), through the port `Checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bluegreen.model import CheckRun, CheckView, Observation, Rollout
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


@dataclass(frozen=True, slots=True)
class Case:
    """What a check that needs nothing outside may judge on: the last look, the rollout, and its own run so far."""

    seen: Observation
    rollout: Rollout
    run: CheckRun

    @property
    def waited(self) -> timedelta:
        """How long it has been waited for. Time limits stand still while the rollout is paused."""
        until = self.rollout.paused.at if self.rollout.paused else self.seen.at
        return until - self.run.began


class Check(Spec):
    """The base of all checks."""

    name: Name
    """How it is called in the journal. Default: its kind."""
    timeout: PositiveDuration = parse_duration("10m")
    """After this it is stopped, and counts as unknown."""
    retries: Annotated[int, Field(ge=0, le=100)] = 0
    """How often it is begun again when it did not pass."""
    on_unknown: Literal["rollback", "ask"] = "rollback"
    """What to do when it could not say: go back, or leave everything as it is and ask. Unknown never passes."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        kind = cls.model_fields["kind"].default if "kind" in cls.model_fields else None
        return {"name": kind, **data} if isinstance(data, dict) and kind else data

    @property
    def asks_candidate(self) -> bool:
        """Whether it sends requests to the candidate's own address."""
        return False

    @property
    def wants_built(self) -> bool:
        """Whether it wants to know how the candidate is configured."""
        return False

    def judge(self, case: Case) -> CheckView | None:
        """Pure: what the look says. None: it has to be run outside."""
        return None


def same_names(checks: tuple[Check, ...]) -> str:
    """The complaint when two checks of one list have one name, or nothing."""
    names = [check.name for check in checks]
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"two checks are called {', '.join(twice)}; give each its own `name`" if twice else ""


Facts = Mapping[str, str]
"""What a check that runs outside is told, by names like BLUEGREEN_SHARE."""
