"""One AWS service in the rehearsal: what a service file builds on.

A service file subclasses `Service`. For an operation it may define `on_<operation>(params)`, with the name that
boto3's method has (`on_describe_target_health`), to answer in AWS's place. The answer has the shape of boto3's parsed
answer, and may share parts with what the service keeps: the caller gets a copy. None lets moto answer. `AwsError` is
raised for what AWS refuses.

Operations that moto answers well enough as they are stand in `moto`. All others raise `NotModelled`: a silent wrong
answer would hide engine bugs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from botocore import xform_name

from sim.errors import AwsError, NotModelled

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.cloud.bindings import Bindings
    from sim.cloudspec import CloudSpec
    from sim.world import World

ACCOUNT = "123456789012"
"""moto's account."""

Params = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """What every service file works with."""

    world: World
    plan: Plan
    spec: CloudSpec
    bindings: Bindings
    region: str
    moto: Callable[[str], Any]
    """A boto3 client by service name that reaches moto without hooks: no trouble, no latency, not counted."""

    def now(self) -> datetime:
        return self.world.clock.now()


class Service:
    """The base of all service files."""

    name: ClassVar[str]
    """As boto3 calls it: `elbv2`."""
    moto: ClassVar[frozenset[str]] = frozenset()
    """Operations (`describe_tags`) that moto answers well enough."""
    throttle: ClassVar[AwsError] = AwsError("Throttling", "Rate exceeded")
    """How this service says that it was asked too often."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.world = site.world
        self._read: dict[str, Answer] = {}
        self.made: dict[tuple[str, ...], tuple[Params, Answer]] = {}
        """By kind and name: how it was asked for, and what was answered."""

    def before(self, operation: str, params: Params) -> Answer | None:
        """The world's own answer, or None when moto shall answer. Raises AwsError."""
        method = xform_name(operation)
        handler: Callable[[Params], Answer | None] | None = getattr(self, f"on_{method}", None)
        if handler is not None:
            return handler(params)
        if method in self.moto:
            return None
        raise NotModelled(f"the rehearsal does not know what {self.name}:{operation} does")

    def read(self, method: str, **params: Any) -> Answer:
        """moto's answer, kept until something is changed. Raises ClientError, as moto does. Not to be altered."""
        key = f"{method} {params}"
        if key not in self._read:
            self._read[key] = getattr(self.aws, method)(**params)
        return self._read[key]

    def once(self, key: tuple[str, ...], params: Params, code: str, make: Callable[[Params], Answer]) -> Answer:
        """The same request twice makes one thing, and gives the same answer. Raises AwsError `code` when the same
        name is asked for with other settings."""
        if key not in self.made:
            self.made[key] = (params, make(params))
        asked, answered = self.made[key]
        if asked != params:
            raise AwsError(code, f"A {key[0]} '{key[-1]}' already exists, but with different settings")
        return answered

    def forget(self) -> None:
        """Something was changed in moto."""
        self._read.clear()

    @property
    def aws(self) -> Any:
        """This service's client that reaches moto without hooks."""
        return self.site.moto(self.name)
