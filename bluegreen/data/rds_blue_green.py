"""A new database under the old name: an RDS Blue/Green Deployment, switched over before the first user comes.

    data: {kind: rds_blue_green, source: shop-db, engine_version: "8.4", timeout: 5m}

AWS keeps a copy (green) in step with the source and, when it is asked to, stops writes, waits until the copy has caught
up and exchanges the names: both slots' code goes on under the same endpoint, in the new database. Over its timeout all
is as before. The old database is read-only then and follows no longer: there is no silent way back (Amazon RDS User
Guide, blue/green deployments).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from bluegreen.data.base import Back, Case, Data, Moment, Said, Task, state_of
from bluegreen.data.replica import Identifier
from bluegreen.model import DataView, Observation, Rollout
from bluegreen.registry import examples
from bluegreen.units import Duration, PositiveDuration, parse_duration, show_duration

if TYPE_CHECKING:
    from bluegreen.plan import Plan


GRACE = timedelta(minutes=10)
"""A switchover that AWS neither ends nor takes back is waited for so much longer than twice its timeout."""


class RdsBlueGreen(Data):
    """Made by the rollout, or there already under its name. The engine never deletes a database."""

    model_config = examples({"source": "shop-db"})

    kind: Literal["rds_blue_green"] = "rds_blue_green"
    source: Identifier
    """The DB instance."""
    name: Annotated[str, Field(pattern=r"^[a-zA-Z](?:-?[a-zA-Z0-9]){0,59}$")] | None = None
    """Of the deployment. Default: the source's, and `-bluegreen`."""
    engine_version: str | None = None
    parameter_group: str | None = None
    instance_class: str | None = None
    timeout: Annotated[Duration, Field(ge=timedelta(seconds=30), le=timedelta(hours=1))] = parse_duration("5m")
    """How long a switchover may take; over it AWS takes it back (30 s to 1 h)."""
    made_within: PositiveDuration = parse_duration("4h")
    old_code: Literal["refuse", "works"] = "refuse"
    """Whether the version before works on the new database. refuse: after the switchover nobody goes back to it unless
    an operator says so. Users who go back use the new database in any case."""

    @property
    def deployment(self) -> str:
        return self.name or f"{self.source}-bluegreen"[:60].rstrip("-")

    @property
    def by_port(self) -> bool:
        return True

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        return {"before-provision": (Task("deployment"),), "before-shift": (Task("switchover"),)}.get(moment, ())

    def judge(self, task: str, case: Case) -> Said:
        view = case.seen.data
        if view is None:
            return self._waits(case, task, f"the deployment {self.deployment} cannot be looked at")
        match view.stage, task:
            case "following", "deployment":
                return Said("passed", f"{self.deployment} is available: its copy follows {self.source}")
            case "moved", "switchover":
                return Said("passed", f"{self.source} is the new database now; the old one is read-only beside it")
            case "absent", "deployment":
                return self._waits(case, task, f"{self.deployment} is to be made from {self.source}", "prepare")
            case "making", "deployment":
                return self._waits(case, task, view.detail or f"{self.deployment} is being made")
            case "following", "switchover":
                return self._waits(case, task, f"{self.source} is to be switched over", "move")
            case "moving", "switchover":
                return self._waits(case, task, f"{self.source} is being switched over: no writes meanwhile")
            case _:
                return Said("failed", view.detail or f"{self.deployment} is {view.stage}")

    def way_back(self, rollout: Rollout, seen: Observation) -> Back:
        if not self._moved(rollout, seen.data):
            return Back()
        told = f"{rollout.live}'s code would run on the new database, since the names have moved"
        return Back(note=told) if self.old_code == "works" else Back(asks=told)

    def leaves(self, rollout: Rollout) -> str:
        state = state_of(rollout)
        if "switchover" in state.done:
            return f"the old database stands beside {self.source} as {self.source}-old1; it costs until you delete it"
        if "deployment" in state.done:
            return f"the deployment {self.deployment} and its copy stand; they cost until you delete them"
        return ""

    def not_undone(self) -> str:
        if self.old_code == "works":
            return ""
        return "the database was switched over, and nothing says that the version before works on it (data.old_code)"

    def longest(self, task: str) -> timedelta:
        return self.made_within if task == "deployment" else self.timeout * 2 + GRACE

    def told(self, plan: Plan) -> tuple[str, ...]:
        timeout, live = show_duration(self.timeout), plan.live.slot
        works = self.old_code == "works"
        back = f"{live}'s code runs on the new database" if works else "only when an operator takes it upon himself"
        return (
            f"before anything is made: the deployment {self.deployment} of {self.source}, unless it is there",
            f"before the first user: switchover within {timeout}, or AWS takes it back; both slots follow the name",
            f"point of no return: the switchover, for the database; users go back, and then {back}",
            f"cost: no writes during the switchover (usually under a minute); the copy is one more database, and"
            f" {self.source}-old1 is left to you",
        )

    def _moved(self, rollout: Rollout, view: DataView | None) -> bool:
        """Whether it was switched over, as far as anybody can tell."""
        return state_of(rollout).moved is not None and (view is None or view.stage in ("moving", "moved"))

    def _waits(self, case: Case, task: str, why: str, asks: Literal["", "prepare", "move"] = "") -> Said:
        """A switchover that AWS neither ends nor takes back is one that a person must look at."""
        limit = self.longest(task)
        if case.waited >= limit:
            return Said("failed", f"{why}, after {show_duration(limit)}", stops=task == "switchover")
        return Said("running", why, asks)
