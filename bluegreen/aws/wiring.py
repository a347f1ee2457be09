"""Puts the AWS adapters together, and asks before anything is touched whether the rollout can work at all."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bluegreen.aws.data.blue_green import BlueGreenData
from bluegreen.aws.data.replica import ReplicaData, replica_problems, source_of
from bluegreen.aws.data.same import SameData
from bluegreen.aws.data.sync import SyncData
from bluegreen.aws.environments.base import Stamp, Way
from bluegreen.aws.environments.beanstalk import LiveEnvironmentWay, NewEnvironmentWay
from bluegreen.aws.environments.clone import CloneWay
from bluegreen.aws.environments.command import CommandWay
from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.environments.kept import KeptWay
from bluegreen.aws.environments.places import Places
from bluegreen.aws.environments.shared import BesideWay, SharedGivenWay
from bluegreen.aws.environments.stack import StackWay
from bluegreen.aws.environments.stack_preview import preview
from bluegreen.aws.environments.swap import SwapGivenWay, SwapWay
from bluegreen.aws.fallback.checks import SlotChecks
from bluegreen.aws.fallback.fallback import S3Fallback, fallback_problems
from bluegreen.aws.metrics.cloudwatch import CloudWatch
from bluegreen.aws.metrics.drill import Drills
from bluegreen.aws.metrics.together import Together
from bluegreen.aws.prewarm import Reservations, reservation_problems
from bluegreen.aws.session import Api
from bluegreen.aws.setup import Setup, setup_of
from bluegreen.aws.topics import publisher
from bluegreen.aws.traffic.beanstalk_swap import BeanstalkSwap
from bluegreen.aws.traffic.group_swap import GroupSwap
from bluegreen.aws.traffic.preflight import traffic_problems
from bluegreen.aws.traffic.route53 import Route53, no_checks
from bluegreen.aws.traffic.target_groups import Candidate, TargetGroups
from bluegreen.clock import Now, SystemClock
from bluegreen.control.kept import JOURNALS
from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica
from bluegreen.data.same import Same
from bluegreen.data.sync import Sync
from bluegreen.errors import UserError
from bluegreen.model import Slot
from bluegreen.notify.sns import Sns
from bluegreen.notify.webhook import Webhook
from bluegreen.outside.fetch import Fetch, fetch
from bluegreen.outside.making import Making
from bluegreen.outside.messages import Messages, post
from bluegreen.outside.nothing import NoData
from bluegreen.outside.programs import RealPrograms
from bluegreen.outside.runner import Runner
from bluegreen.plan import Plan
from bluegreen.ports import Data, Ports, Traffic
from bluegreen.traffic.beanstalk_swap import BeanstalkSwap as BeanstalkSwapSpec
from bluegreen.traffic.group_swap import GroupSwap as GroupSwapSpec
from bluegreen.traffic.route53 import Route53 as Route53Spec
from bluegreen.traffic.target_groups import TargetGroups as TargetGroupsSpec

if TYPE_CHECKING:
    import boto3

    from bluegreen.outside.making import Programs


@dataclass(frozen=True, slots=True)
class Machine:
    """What is used beside AWS: the clock, web pages, and the team's own commands. A rehearsal brings its own."""

    now: Now = SystemClock().now
    fetch: Fetch = fetch
    programs: Programs | None = None
    """Default: real processes, with files in `folder`."""
    folder: Path = JOURNALS
    """Where the journal is: what a team's own command wrote, and the mark of what it made, are kept beside it."""


REAL = Machine()


def connect(session: boto3.Session, plan: Plan, rollout_id: str, machine: Machine = REAL) -> Ports:
    """The ports of one rollout. Makes no call."""
    return wire(Api(session), plan, rollout_id, machine)


def wire(api: Api, plan: Plan, rollout_id: str, machine: Machine = REAL) -> Ports:
    """The same, on given calls."""
    places = _places(api, plan, rollout_id, machine)
    checks = _slot_checks(api, plan, rollout_id, places)
    traffic = _traffic(api, plan, places, machine.now, Made(_stamp(plan, rollout_id).name, checks))
    reservations = Reservations(api, places.facts)
    metrics, data = _metrics(api, plan, places), _data(api, plan, places, machine.now)
    ports = Ports(traffic, places, metrics, prewarm=reservations, drills=Drills(api), data=data)
    return ports if plan.fallback is None else replace(ports, fallback=S3Fallback(api, plan, machine.fetch, checks))


def with_outside(session: boto3.Session, plan: Plan, ports: Ports, folder: Path) -> Ports:
    """The ports with what runs outside for real: checks, whose output is kept in `folder`, and messages."""
    messages = Messages(plan.notify, {Webhook: post, Sns: publisher(Api(session))})
    atexit.register(messages.flush)
    places = ports.environments
    assert isinstance(places, Places), "these are the ports of `connect`"
    return replace(ports, checks=Runner(folder, partial(_urls, places, plan)), notices=messages)


def _urls(places: Places, plan: Plan) -> dict[str, str]:
    """Where the slots are. A candidate behind the live slot's own balancer has no address of its own."""
    facts = {"LIVE": places.facts(plan.live.slot), "CANDIDATE": places.facts(plan.live.slot.other)}
    if plan.traffic.shared:
        facts["CANDIDATE"] = None
    return {f"BLUEGREEN_{name}_URL": f"http://{its.balancer.dns_name}" for name, its in facts.items() if its}


def preflight(session: boto3.Session, plan: Plan, rollout_id: str, fetch: Fetch = fetch) -> None:
    """Ask AWS whether this rollout can begin; changes nothing. Raises UserError with one line for each problem, and
    OperatingError when AWS cannot be asked. Not for a rollout that goes on: its live slot may be gone by then."""
    api = Api(session)
    places = _places(api, plan, rollout_id)
    found = [
        *(traffic_problems(api, plan, places.facts) if isinstance(plan.traffic, Route53Spec) else ()),
        *places.problems(),
        *_alarm_problems(CloudWatch(api, places.facts), plan),
        *fallback_problems(api, plan, fetch),
        *reservation_problems(places.facts, plan),
        *(replica_problems(api, plan.data) if isinstance(plan.data, Replica) else ()),
    ]
    if found:
        raise UserError("\n".join(found))


def live_setup(session: boto3.Session, plan: Plan) -> Setup | None:
    """How the live slot's balancer is set up; None: there is none to be found. Raises OperatingError."""
    api = Api(session)
    facts = _live(api, plan).facts()
    return setup_of(api, facts.balancer) if facts is not None else None


def encrypted_source(session: boto3.Session, plan: Plan) -> bool | None:
    """Whether the database that is to be copied is encrypted; None: there is none. Raises OperatingError."""
    source = source_of(Api(session), plan.data) if isinstance(plan.data, Replica) else None
    return source.encrypted if source is not None else None


def would_create(
    session: boto3.Session, plan: Plan, rollout_id: str, sleep: Callable[[timedelta], None]
) -> tuple[str, ...]:
    """What a template would create, asked of CloudFormation by a change set that is deleted again; nothing for other
    ways. Raises OperatingError."""
    template = plan.candidate.template
    if template is None:
        return ()
    return tuple(map(str, preview(Api(session), template, _stamp(plan, rollout_id), sleep)))


def _stamp(plan: Plan, rollout_id: str) -> Stamp:
    return Stamp(plan.service.name, rollout_id, plan.live.slot.other)


def _places(api: Api, plan: Plan, rollout_id: str, machine: Machine = REAL) -> Places:
    live, candidate = plan.live.slot, plan.live.slot.other
    stamp = _stamp(plan, rollout_id)
    made = _candidate(api, plan, stamp) if plan.candidate.command is None else _command(api, plan, stamp, machine)
    ways: dict[Slot, Way] = {live: _live(api, plan), candidate: made}
    return Places(ways, api)


def _slot_checks(api: Api, plan: Plan, rollout_id: str, places: Places) -> SlotChecks | None:
    """Where the slots' records have no health of their own, and a fallback needs it."""
    needed = plan.fallback is not None and plan.service.records == "cname"
    return SlotChecks(api, plan, rollout_id, places.facts) if needed else None


@dataclass(frozen=True, slots=True)
class Made:
    """What the rollout makes, as far as a mover must know."""

    name: str
    """Of the candidate's group, target group or environment."""
    checks: SlotChecks | None


def _traffic(api: Api, plan: Plan, places: Places, now: Now, made: Made) -> Traffic:
    live = plan.live
    match plan.traffic:
        case TargetGroupsSpec() as spec:
            return TargetGroups(api, spec, live, Candidate(made.name, places.facts), now)
        case GroupSwapSpec() as spec:
            return GroupSwap(api, plan, spec, made.name, now)
        case BeanstalkSwapSpec() as spec:
            names = {live.slot: live.environment or "", live.slot.other: made.name}
            return BeanstalkSwap(api, spec, names, now)
        case _:
            of = made.checks.of if made.checks is not None else no_checks
            return Route53(api, plan.service, live.slot, places.facts, of)


def _metrics(api: Api, plan: Plan, places: Places) -> CloudWatch:
    together = isinstance(plan.traffic, GroupSwapSpec)
    return Together(api, places.facts) if together else CloudWatch(api, places.facts)


def _data(api: Api, plan: Plan, places: Places, now: Now) -> Data:
    match plan.data:
        case Replica() as spec:
            return ReplicaData(api, api.elsewhere(spec.region), spec, now)
        case RdsBlueGreen() as spec:
            return BlueGreenData(api, spec)
        case Same(source=str() as source):
            return SameData(api, places, source)
        case Sync() as spec:
            return SyncData(CloudWatch(api, places.facts), spec, now)
        case _:
            return NoData()


def _alarm_problems(metrics: CloudWatch, plan: Plan) -> list[str]:
    names = sorted({name for gate in plan.gates for name in gate.alarms()})
    there = metrics.alarms(names)
    return [f"gates: there is no CloudWatch alarm {name}" for name in names if name not in there]


def _live(api: Api, plan: Plan) -> Way:
    may_remove = plan.retire == "remove"
    if plan.live.environment is not None:
        return LiveEnvironmentWay(api, plan.live, may_remove=may_remove)
    match plan.traffic:
        case TargetGroupsSpec():
            return SharedGivenWay(api, plan.live, may_remove=may_remove)
        case GroupSwapSpec():
            return SwapGivenWay(api, plan.live, may_remove=may_remove)
        case _:
            return GivenWay(api, plan.live, may_remove=may_remove)


def _command(api: Api, plan: Plan, stamp: Stamp, machine: Machine) -> Way:
    """The candidate by the team's own command."""
    spec = plan.candidate.command
    assert spec is not None, "the candidate is made in another way"
    facts = {
        "BLUEGREEN_SERVICE": stamp.service,
        "BLUEGREEN_ROLLOUT": stamp.rollout,
        "BLUEGREEN_SLOT": str(stamp.slot),
        "BLUEGREEN_NAME": stamp.name,
        "BLUEGREEN_REGION": api.region,
    }
    programs = machine.programs or RealPrograms(spec, machine.folder / f"{stamp.rollout}.candidate", facts)
    return CommandWay(api, Making(spec, programs))


def _candidate(api: Api, plan: Plan, stamp: Stamp) -> Way:
    spec = plan.candidate
    if spec.template is not None:
        return StackWay(api, spec.template, stamp)
    if spec.kept is not None:
        return KeptWay(api, spec.kept, plan.live.slot.other)
    if spec.beanstalk is not None:
        return NewEnvironmentWay(api, spec.beanstalk, plan.live, stamp)
    assert spec.clone is not None, "the plan checks that there is one way"
    match plan.traffic:
        case TargetGroupsSpec() as mover:
            return BesideWay(api, spec.clone, plan.live, stamp, mover)
        case GroupSwapSpec():
            return SwapWay(api, spec.clone, plan.live, stamp)
        case _:
            return CloneWay(api, spec.clone, plan.live, stamp)
