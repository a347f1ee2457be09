"""The cloud of a rehearsal: moto switched on, and told the world's truth.

    with Cloud(world, plan) as cloud:
        ports = connect(cloud.session, plan, rollout_id)

moto keeps the control plane's settings, the world is the data plane, and `sim/cloud` is the layer of truth between:
botocore event hooks on the engine's session, one file per AWS service. Clouds follow each other in a process, never
side by side: moto's store and the process's time are global.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3
import botocore.session

from sim.cloud.autoscaling import AutoScaling
from sim.cloud.bindings import Bindings
from sim.cloud.cloudformation import CloudFormation
from sim.cloud.cloudwatch import CloudWatch
from sim.cloud.ec2 import Ec2, Sts
from sim.cloud.elb import Elb
from sim.cloud.elbv2 import ElbV2
from sim.cloud.errors import AwsError, NotModelled
from sim.cloud.furnish import Furnisher
from sim.cloud.hooks import Hooks
from sim.cloud.moto import switched_on
from sim.cloud.route53 import Route53
from sim.cloud.service import ACCOUNT, Service, Site
from sim.cloud.traveller import travelling
from sim.cloudspec import CloudSpec

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.world import World

__all__ = ["ACCOUNT", "AwsError", "Cloud", "CloudSpec", "NotModelled"]

SERVICES: tuple[type[Service], ...] = (AutoScaling, CloudWatch, Ec2, Elb, ElbV2, Route53, Sts)

_HOOKS = Hooks()


class Cloud:
    """AWS, as far as one rollout can see it. Enter it before `world.start()`."""

    def __init__(self, world: World, plan: Plan, spec: CloudSpec | None = None) -> None:
        self.world = world
        self.plan = plan
        self.spec = spec or CloudSpec()
        self.region = plan.guard.regions[0]
        self.bindings = Bindings(candidate=plan.live.slot.other)
        site = Site(world, plan, self.spec, self.bindings, self.region, self.moto)
        self.services: dict[str, Service] = {service.name: service(site) for service in SERVICES}
        self.services[CloudFormation.name] = CloudFormation(site, self.services)
        self._site = site
        self._stack = ExitStack()

    @property
    def session(self) -> boto3.Session:
        """For the engine: its calls take time, and may meet trouble."""
        return _session(self.region, hooked=True)

    def moto(self, service: str) -> Any:
        """A client that reaches moto without hooks."""
        return _client(service, self.region)

    def __enter__(self) -> Self:
        assert _HOOKS.world is None, "another cloud is still open"
        with self._stack as opening:
            opening.enter_context(travelling(self.world.env))
            opening.enter_context(switched_on(self.world.seed))
            Furnisher(self._site, self.services).furnish()
            _HOOKS.serve(self.world, self.services)
            opening.callback(_HOOKS.serve, None, {})
            self._stack = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
