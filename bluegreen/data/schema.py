"""A schema that changes by expand and contract: while both versions serve, the database has both forms.

    data:
      kind: schema
      expand: {run: [alembic, upgrade, expand], timeout: 30m}
      contract: {run: [alembic, upgrade, contract]}

Expanding comes before anything is made: the new code may need the new form to become healthy, and the old code is not
hurt by what is added. Contracting takes away what the old code needs; so it comes last, when the drain has shown that
nobody reaches the old slot any more, and there is no way back from it (Danilo Sato, "ParallelChange").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from bluegreen.data.base import Back, Data, Moment, Own, Task, begun, own, shown
from bluegreen.model import Observation, Rollout
from bluegreen.registry import examples

if TYPE_CHECKING:
    from bluegreen.plan import Plan


class Schema(Data):
    """Expand first, contract last. Each is run once, whatever crashes: one that was cut off is begun again, so it must
    be safe to repeat, as migration tools are."""

    model_config = examples({"expand": {"run": ["alembic", "upgrade", "expand"]}})

    kind: Literal["schema"] = "schema"
    expand: Own | None = None
    """Adds what the new code needs and takes nothing away."""
    contract: Own | None = None
    """Takes away what only the old code needs. Without it the schema stays as it was expanded."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.expand is None and self.contract is None:
            raise ValueError("give expand, contract or both: a schema that does not change needs no `data`")
        return self

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        match moment:
            case "before-provision":
                return own("expand", self.expand, stops=True)
            case "before-retire":
                return own("contract", self.contract, stops=True)
            case _:
                return ()

    def way_back(self, rollout: Rollout, seen: Observation) -> Back:
        if begun(rollout, "contract"):
            return Back(
                closed=f"the schema is being contracted, or was: {rollout.live}'s code does not fit it any more"
            )
        return Back()

    def leaves(self, rollout: Rollout) -> str:
        if begun(rollout, "expand") and not begun(rollout, "contract"):
            return "the schema stays expanded, which hurts neither version"
        return ""

    def not_undone(self) -> str:
        return "the schema was contracted: the version before does not fit it" if self.contract is not None else ""

    def told(self, plan: Plan) -> tuple[str, ...]:
        live = plan.live.slot
        said = []
        if self.expand is not None:
            said.append(f"before anything is made: expand ({shown(self.expand)}); it hurts neither version")
        if self.contract is not None:
            said.append(f"when nobody reaches {live} any more: contract ({shown(self.contract)})")
            said.append(f"point of no return: when contract begins; {live}'s code does not fit the schema then")
        else:
            said.append("point of no return: none by the schema, which stays expanded")
        return tuple(said)

    def problems(self, plan: Plan) -> Iterator[str]:
        for hook in plan.hooks:
            if self.contract is not None and hook.at == "before-retire" and hook.irreversible:
                yield f"data.contract: the hook {hook.check.name} is irreversible at before-retire, too; keep one"
