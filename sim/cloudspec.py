"""What may be set about the cloud, apart from the world: what exists before the rollout, and how slow AWS is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import field_validator

from bluegreen.plan import Plan
from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration
from sim.alarms import AlarmSpec
from sim.metrics import ERROR_RATE
from sim.programs import CommandSpec
from sim.quotas import Route53Quotas

IMAGE, INSTANCE_TYPE = "ami-0a11b1e00000001ee", "m6i.large"
"""What launch templates that exist before the rollout launch."""

COMMAND = "command"


class CloudSpec(Spec):
    """Every field has the value that a rehearsal starts with."""

    balancer: Literal["application", "classic"] = "application"
    """The kind of the live balancer."""
    record: Literal["weighted", "simple", "latency", "none"] = "weighted"
    """How the service's record stands before the rollout: one weighted record of the live slot, a record without
    routing policy, a latency record (which a rollout must refuse), or none at all."""
    public: Literal["simple", "alias", "failover", "elsewhere", "none"] = "simple"
    """With a fallback in the plan, how the public name stands before the rollout: a plain alias to the live balancer,
    or to the slots' records, the failover pair of an earlier rollout, an address of somebody else, or not at all."""
    bucket: Literal["none", "site", "foreign", "blocked"] = "none"
    """The bucket of that name: none, the team's own site, something else of the team's; or none, in an account that
    blocks all public access."""
    databases: dict[str, str] = {}
    """What launch templates that exist before the rollout, and saved configurations of Beanstalk, name as their
    database, by their name, and under `command` what the candidate's own command makes; where nothing is said they name
    the plan's source. An empty text: they name none."""
    command: CommandSpec = CommandSpec()
    """How a candidate's own command answers."""
    zone_exists: bool = True
    change_processing: Duration = parse_duration("0s")
    """For so long after a change Route 53 refuses the next one in the same zone with PriorRequestNotComplete. AWS
    publishes no figure; 0s means that it never does."""
    several_weighted_values: bool = False
    """Whether a weighted record may have several values: the API reference says one, the console's guide several.
    Assumed is the stricter of the two."""
    route53_quotas: Route53Quotas = Route53Quotas()
    """How often Route 53 may be asked."""
    alarms: tuple[AlarmSpec, ...] = ()
    """The alarms that exist. One that the plan's gates name, and that is not here, gets a stand-in: an error rate of
    the candidate above 5 % in 3 of 5 minutes. An alarm with a `rule` comes after those that the rule names."""

    def user_data(self, source: str | None, template: str | None) -> str:
        """Of a launch template that exists before the rollout, or of the one that the candidate's own command makes
        (`COMMAND`); None: the live slot's."""
        named = self.databases.get(template or "", source)
        return f"#!/bin/sh\nexport DB_HOST={named}\n" if named else ""

    def properties(self, source: str | None, configuration: str | None) -> dict[str, str]:
        """Of a Beanstalk environment of that saved configuration; None: the live slot's."""
        named = self.databases.get(configuration or "", source)
        return {"DB_HOST": named} if named else {}

    @field_validator("alarms")
    @classmethod
    def _children_first(cls, alarms: tuple[AlarmSpec, ...]) -> tuple[AlarmSpec, ...]:
        """As AWS would have it: an alarm is made over alarms that exist. Stand-ins are made last."""
        known: set[str] = set()
        for number, alarm in enumerate(alarms, start=1):
            if alarm.name in known:
                raise ValueError(f"alarm {number}: there is an alarm {alarm.name} before it already")
            for child in alarm.rules.children if alarm.rules else ():
                if child not in known:
                    named = [its for its, other in enumerate(alarms, start=1) if other.name == child]
                    raise ValueError(f"alarm {number}, {alarm.name}: its rule names {child}, {_where(named, number)}")
            known.add(alarm.name)
        return alarms


def _where(named: Sequence[int], number: int) -> str:
    """What is wrong with an alarm that a rule names, of which alarm `number` is."""
    if not named:
        return "which is not among the alarms"
    if named[0] == number:
        return "itself"
    return f"which is alarm {named[0]} and comes after it: put it before"


def stand_in(plan: Plan, spec: CloudSpec, notes: list[str]) -> Iterator[AlarmSpec]:
    """Alarms for those that the plan's gates name and the spec does not have; each is told of in `notes`."""
    slot = plan.live.slot.other
    named = {name for gate in plan.gates for name in gate.alarms()} - {alarm.name for alarm in spec.alarms}
    for name in sorted(named):
        notes.append(f"alarm {name}: a stand-in watches {slot}'s error rate (above 5 % in 3 of 5 minutes)")
        yield AlarmSpec(name=name, slot=slot, measure=ERROR_RATE, threshold=0.05, periods=5, datapoints=3)
