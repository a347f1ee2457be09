"""The cloud of a rehearsal: moto switched on, and told the world's truth.

    with Cloud(world, plan) as cloud:
        ports = cloud.connect(rollout_id)

moto keeps the control plane's settings, the world is the data plane, and `sim/cloud` is the layer of truth between:
botocore event hooks on the engine's session, one file per AWS service. Clouds follow each other in a process, never
side by side: moto's store and the process's time are global.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self

import boto3
import botocore.session

from bluegreen.aws.session import Api
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.aws.wiring import Machine, connect, preflight
from bluegreen.lease.store import Store
from bluegreen.ports import Ports
from sim.bucketcalls import websites
from sim.cloud.autoscaling import AutoScaling
from sim.cloud.beanstalk import Beanstalk
from sim.cloud.bindings import Bindings
from sim.cloud.cloudformation import CloudFormation
from sim.cloud.cloudwatch import CloudWatch
from sim.cloud.dynamodb import DynamoDb
from sim.cloud.ec2 import Ec2, Sts
from sim.cloud.elb import Elb
from sim.cloud.elbv2 import ElbV2
from sim.cloud.furnish import Furnisher, user_data
from sim.cloud.hooks import Hooks
from sim.cloud.moto import switched_on
from sim.cloud.outfit import Outfit
from sim.cloud.rds import Rds
from sim.cloud.route53 import Route53
from sim.cloud.s3 import S3
from sim.cloud.service import ACCOUNT, Service, Site
from sim.cloud.traveller import travelling
from sim.cloudspec import COMMAND, CloudSpec
from sim.errors import AwsError, NotModelled
from sim.names import parts_of
from sim.programs import SimPrograms

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.world import World

__all__ = ["ACCOUNT", "AwsError", "Cloud", "CloudSpec", "NotModelled"]

SERVICES: tuple[type[Service], ...] = (AutoScaling, CloudWatch, DynamoDb, Ec2, Elb, ElbV2, Rds, Route53, S3, Sts)
WHOLE = (Beanstalk, CloudFormation)
"""Services that make things through the others."""

_HOOKS = Hooks()


class Cloud:
    """AWS, as far as one rollout can see it. Enter it before `world.start()`."""

    def __init__(self, world: World, plan: Plan, spec: CloudSpec | None = None) -> None:
        self.world = world
        self.plan = plan
        self.spec = spec or CloudSpec()
        self.region = plan.guard.regions[0]
        self.bindings = Bindings(candidate=plan.live.slot.other, shared=plan.traffic.shared)
        site = Site(world, plan, self.spec, self.bindings, self.region, self.moto)
        self.services: dict[str, Service] = {service.name: service(site) for service in SERVICES}
        for whole in WHOLE:
            self.services[whole.name] = whole(site, self.services)
        self._site = site
        self._programs = self._commands()
        self._stack = ExitStack()

    @property
    def session(self) -> boto3.Session:
        """For the engine: its calls take time, and may meet trouble."""
        return _session(self.region, hooked=True)

    def preflight(self, rollout_id: str) -> None:
        """As the command does it before a deployment."""
        preflight(self.session, self.plan, rollout_id, websites(self.world))

    def connect(self, rollout_id: str) -> Ports:
        """The engine's own adapters."""
        self._programs.reborn()
        machine = Machine(self.world.clock.now, websites(self.world), self._programs)
        return connect(self.session, self.plan, rollout_id, machine)

    def _commands(self) -> SimPrograms:
        slot, outfit = self.plan.live.slot.other, Outfit(self._site, self.services)
        names = parts_of(f"{self.plan.service.name}-{slot}")
        machine = user_data(self.plan, self.spec, COMMAND)
        make, take = partial(outfit.make, slot, names, machine), partial(outfit.take, names)
        return SimPrograms(self.world.env, self.spec.command, names, make, take)

    def table(self) -> Store:
        """The team's, as an engine reaches it."""
        assert self.plan.team is not None, "asked only for plans with a team"
        return DynamoStore(Api(self.session), self.plan.team.table)

    def moto(self, service: str) -> Any:
        """A client that reaches moto without hooks."""
        return _client(service, self.region)

    def __enter__(self) -> Self:
        assert _HOOKS.world is None, "another cloud is still open"
        with self._stack as opening:
            opening.enter_context(travelling(self.world.env))
            opening.enter_context(switched_on(self.world.seed))
            Furnisher(self._site, self.services).furnish()
            DynamoDb(self._site).furnish()
            _HOOKS.serve(self.world, self.services)
            opening.callback(_HOOKS.serve, None, {})
            self._stack = opening.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


@cache
def _session(region: str, *, hooked: bool) -> boto3.Session:
    """One of each for the process: making one costs a tenth of a second, and its clients share what they load."""
    core = botocore.session.get_session()
    if hooked:
        core.register_component("data_loader", _session(region, hooked=False)._loader)
    session = boto3.Session(
        aws_access_key_id="rehearsal", aws_secret_access_key="rehearsal", region_name=region, botocore_session=core
    )
    if hooked:
        _HOOKS.attach(session)
    return session


@cache
def _client(service: str, region: str) -> Any:
    return _session(region, hooked=False).client(service)  # type: ignore[call-overload]
