"""A schema that changes by expand and contract: while both versions serve, the database has both forms.

    data:
      kind: schema
      expand: {kind: alembic, revision: ae1027a6acf, timeout: 30m}
      contract: {kind: folder, folder: migrations, after: 2, upto: 3}

Expanding comes before anything is made: the new code may need the new form to become healthy, and the old code is not
hurt by what is added. Contracting takes away what the old code needs; so it comes last, when the drain has shown that
nobody reaches the old slot any more, and there is no way back from it (Danilo Sato, "ParallelChange").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from bluegreen.data.base import Back, Data, Moment, Task, attempts, begun
from bluegreen.model import Observation, Rollout
from bluegreen.registry import examples
from bluegreen.schema.apply.base import VARIABLE, Variable
from bluegreen.schema.migration import Migration
from bluegreen.schema.step import AnyStep

if TYPE_CHECKING:
    from bluegreen.plan import Plan


class Schema(Data):
    """Expand first, contract last, each as a schema check has its steps. Each is run once, whatever crashes; one that
    was cut off is begun again, and SQL files go on after the last statement that was committed. A program must be safe
    to repeat, as migration tools are."""

    model_config = examples({"expand": {"run": ["alembic", "upgrade", "expand"]}})

    kind: Literal["schema"] = "schema"
    expand: AnyStep | None = None
    """Adds what the new code needs and takes nothing away."""
    contract: AnyStep | None = None
    """Takes away what only the old code needs. Without it the schema stays as it was expanded."""
    url_from: Variable = VARIABLE
    """The environment variable of the engine in which the URL of the database is. Programs find it in their own
    `variable`; one that knows its database by itself (`run`) needs none."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.expand is None and self.contract is None:
            raise ValueError("give expand, contract or both: a schema that does not change needs no `data`")
        return self

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        match moment:
            case "before-provision":
                return self._task("expand", self.expand)
            case "before-retire":
                return self._task("contract", self.contract)
            case _:
                return ()

    def steps(self) -> Iterator[tuple[str, AnyStep]]:
        """Those that there are, by name."""
        yield from ((name, step) for name in ("expand", "contract") if (step := getattr(self, name)) is not None)

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={name: step.beside(folder) for name, step in self.steps()})

    def missing(self) -> Iterator[str]:
        yield from (f"{name}: {problem}" for name, step in self.steps() for problem in step.problems())

    def way_back(self, rollout: Rollout, seen: Observation) -> Back:
        if begun(rollout, "contract"):
            return Back(
                closed=f"the schema is being contracted, or was: {rollout.live}'s code does not fit it any more"
            )
        return Back()

    def leaves(self, rollout: Rollout) -> str:
        if not begun(rollout, "expand") or begun(rollout, "contract"):
            return ""
        whole = any(run.state == "passed" for run in attempts(rollout, "expand"))
        return (
            "the schema stays expanded, which hurts neither version"
            if whole
            else "expand did not come to its end: the schema may be half expanded"
        )

    def not_undone(self) -> str:
        return "the schema was contracted: the version before does not fit it" if self.contract is not None else ""

    def _task(self, name: str, step: AnyStep | None) -> tuple[Task, ...]:
        return () if step is None else (Task(name, Migration.of(name, step, self.url_from), stops=True),)

    def told(self, plan: Plan) -> tuple[str, ...]:
        live = plan.live.slot
        said = []
        if self.expand is not None:
            said.append(f"before anything is made: expand ({self.expand.words}); it hurts neither version")
        if self.contract is not None:
            said.append(f"when nobody reaches {live} any more: contract ({self.contract.words})")
            said.append(f"point of no return: when contract begins; {live}'s code does not fit the schema then")
        else:
            said.append("point of no return: none by the schema, which stays expanded")
        return tuple(said)

    def problems(self, plan: Plan) -> Iterator[str]:
        for hook in plan.hooks:
            if self.contract is not None and hook.at == "before-retire" and hook.irreversible:
                yield f"data.contract: the hook {hook.check.name} is irreversible at before-retire, too; keep one"
