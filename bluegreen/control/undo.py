"""The way back after a rollout has ended well: a rollout of its own, to the slot that was live before and was kept.

It goes through the same phases, gates and rollback as any other; only its candidate is there already, and it moves all
traffic in one step, since that version has served everybody before. What was for the new version alone is left out: a
migration is not run once more, and the version before was not built as the new one was designed.
"""

from __future__ import annotations

import json

from bluegreen.checks.config import Config
from bluegreen.errors import UserError
from bluegreen.model import End, Rollout
from bluegreen.plan import Candidate, Live, Plan
from bluegreen.plan.ways import Kept
from bluegreen.registry import kind_of
from bluegreen.strategies.all_at_once import AllAtOnce

HEAD = """\
# Written by `bluegreen undo`: back to {live}, the slot that was live before {rollout}. Irreversible hooks and checks of
# the configuration are left out: they were for the version that serves now.
"""


def undo_of(plan: Plan, rollout: Rollout, balancer: str, group: str) -> Plan:
    """The plan of the way back. `balancer` and `group` are those that `rollout` made for its candidate, which serves
    now. Raises UserError when there is nothing to go back to."""
    if wrong := _why_not(plan, rollout):
        raise UserError(f"{rollout.id} cannot be undone: {wrong}")
    hold = min(step.hold for step in plan.steps)
    before = plan.candidate
    candidate = Candidate(
        kept=Kept(balancer=plan.live.balancer, group=plan.live.group),
        instances=before.instances,
        margin=before.margin,
        resolvers=before.resolvers,
    )
    live = Live(slot=rollout.candidate, balancer=balancer, group=group)
    strategy = AllAtOnce(kind="all_at_once", hold=hold)
    said = {name: getattr(plan, name) for name in plan.model_fields_set} | _not_for_the_new_one(plan)
    data = plan.data.undone() if plan.data is not None else None
    said |= {"data": data} if "data" in said else {}
    return Plan(**{**said, "live": live, "candidate": candidate, "strategy": strategy})


def _not_for_the_new_one(plan: Plan) -> dict[str, object]:
    """Hooks and checks that make sense on the way back, too, where there are any."""
    kept: dict[str, object] = {}
    if plan.hooks:
        kept["hooks"] = tuple(hook for hook in plan.hooks if not hook.irreversible)
    if plan.verify.checks:
        checks = tuple(each for each in plan.verify.checks if not isinstance(each, Config))
        kept["verify"] = plan.verify.model_copy(update={"checks": checks})
    return kept


def as_file(plan: Plan, rollout: Rollout) -> str:
    """The plan as a rollout file (JSON is YAML)."""
    content = plan.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return HEAD.format(live=rollout.live, rollout=rollout.id) + json.dumps(content, indent=2) + "\n"


def _why_not(plan: Plan, rollout: Rollout) -> str:
    """Why there is no way back, and what is possible; or nothing."""
    if not rollout.finished:
        return "it has not ended; `bluegreen abort` sends users back"
    if rollout.end is not End.SUCCEEDED:
        return f"it ended {rollout.end}, and what was live before is live now, or needs a person"
    if plan.retire == "remove":
        return f"{rollout.live} was removed (retire: remove); deploy the version before anew"
    if plan.data is not None and (why := plan.data.not_undone()):
        return why
    if plan.live.environment is not None or not plan.live.group:
        return "its live slot was an Elastic Beanstalk environment; swap the CNAMEs back by a rollout of your own"
    if (kind := kind_of(plan.traffic)) != "route53":
        return f"its traffic moved by {kind}; this command goes back by weighted records (route53) only"
    return ""
