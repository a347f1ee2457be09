"""Puts the AWS adapters together, and asks before anything is touched whether the rollout can work at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluegreen.aws.environments.base import Stamp, Way
from bluegreen.aws.environments.clone import CloneWay
from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.environments.places import Places
from bluegreen.aws.environments.stack import StackWay
from bluegreen.aws.metrics.cloudwatch import CloudWatch
from bluegreen.aws.session import Api
from bluegreen.aws.traffic.preflight import traffic_problems
from bluegreen.aws.traffic.route53 import Route53
from bluegreen.errors import UserError
from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.ports import Ports

if TYPE_CHECKING:
    import boto3


def connect(session: boto3.Session, plan: Plan, rollout_id: str) -> Ports:
    """The ports of one rollout. Makes no call."""
    return wire(Api(session), plan, rollout_id)


def wire(api: Api, plan: Plan, rollout_id: str) -> Ports:
    """The same, on given calls."""
    places = _places(api, plan, rollout_id)
    traffic = Route53(api, plan.service, plan.live.slot, places.facts)
    return Ports(traffic, places, CloudWatch(api, places.facts))


def preflight(session: boto3.Session, plan: Plan, rollout_id: str) -> None:
    """Ask AWS whether this rollout can begin; changes nothing. Raises UserError with one line for each problem, and
    OperatingError when AWS cannot be asked. Not for a rollout that goes on: its live slot may be gone by then."""
    api = Api(session)
    places = _places(api, plan, rollout_id)
    found = [
        *traffic_problems(api, plan, places.facts),
        *places.problems(),
        *_alarm_problems(CloudWatch(api, places.facts), plan),
    ]
    if found:
        raise UserError("\n".join(found))


def _places(api: Api, plan: Plan, rollout_id: str) -> Places:
    live, candidate = plan.live.slot, plan.live.slot.other
    ways: dict[Slot, Way] = {
        live: GivenWay(api, plan.live, may_remove=plan.retire == "remove"),
        candidate: _candidate(api, plan, Stamp(plan.service.name, rollout_id, candidate)),
    }
    return Places(ways)


def _alarm_problems(metrics: CloudWatch, plan: Plan) -> list[str]:
    names = sorted({name for gate in plan.gates for name in gate.alarms()})
    there = metrics.alarms(names)
    return [f"gates: there is no CloudWatch alarm {name}" for name in names if name not in there]


def _candidate(api: Api, plan: Plan, stamp: Stamp) -> Way:
    if plan.candidate.template is not None:
        return StackWay(api, plan.candidate.template, stamp)
    assert plan.candidate.clone is not None, "the plan checks that there is one of both"
    return CloneWay(api, plan.candidate.clone, plan.live, stamp)
