"""Elastic Beanstalk's two ways to move traffic: swapping two environments' CNAMEs, and traffic splitting.

A swap is all or nothing, since a CNAME has no weights. Splitting sends a share of requests to new instances for an
evaluation time, then all or none of them (Elastic Beanstalk Developer Guide, blue/green deployments with CNAME swap;
deployment policies; configuration options `aws:elasticbeanstalk:trafficsplitting`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import simpy
from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration
from sim.clock import ms, now_ms


class BeanstalkSpec(Spec):
    """How environments' names behave."""

    cname_ttl: PositiveDuration = parse_duration("60s")
    """How long resolvers keep an environment's CNAME. Unpublished: 60 s is what is commonly seen."""
    updating: Duration = parse_duration("20s")
    """For how long after a swap both environments are Updating. Unpublished; assumed."""
    spread: Duration = parse_duration("60s")
    """From a swap until every name server answers with it. Unpublished: assumed as for other Route 53 changes."""


@dataclass(slots=True)
class Environment:
    """One environment. Its CNAME is the only thing that a swap moves."""

    id: str
    name: str
    cname: str


class Environments:
    """An application's environments, told apart by id and by name."""

    def __init__(
        self,
        spec: BeanstalkSpec,
        env: simpy.Environment,
        environments: Iterable[Environment],
        settle: Callable[[], None],
    ) -> None:
        self.spec, self._env, self._settle = spec, env, settle
        self._all = tuple(environments)
        self._old_answers_until = 0

    def swap(
        self,
        *,
        source_id: str | None = None,
        source_name: str | None = None,
        destination_id: str | None = None,
        destination_name: str | None = None,
    ) -> None:
        """Exchange two environments' CNAMEs. Raises ValueError unless source and destination are both given by id,
        or both by name, or both by both (SwapEnvironmentCNAMEs, API reference)."""
        if (source_id is None) != (destination_id is None) or (source_name is None) != (destination_name is None):
            raise ValueError("source and destination must be given the same way: both by id, or both by name")
        source = self._find(source_id, source_name)
        destination = self._find(destination_id, destination_name)
        self._settle()
        source.cname, destination.cname = destination.cname, source.cname
        self._old_answers_until = now_ms(self._env) + ms(self.spec.spread + self.spec.cname_ttl)

    def behind(self, cname: str) -> Environment:
        """The environment that a fresh answer leads to. Raises ValueError when no environment has the CNAME."""
        for environment in self._all:
            if environment.cname == cname:
                return environment
        raise ValueError(f"no environment has the CNAME {cname}")

    def answers(self, cname: str) -> dict[str, float]:
        """The share of fresh answers for each environment's id: everything for one of them."""
        return {environment.id: float(environment.cname == cname) for environment in self._all}

    @property
    def settled(self) -> bool:
        """Whether the last swap has spread and every cache that keeps to the TTL has dropped the old answer. Before
        that the old environment must not be terminated; caches that do not keep to it are the clients' model."""
        return now_ms(self._env) >= self._old_answers_until

    def _find(self, identity: str | None, name: str | None) -> Environment:
        if identity is None and name is None:
            raise ValueError("an environment must be named by id or by name")
        for environment in self._all:
            if identity in {None, environment.id} and name in {None, environment.name}:
                return environment
        raise ValueError(f"no environment with id {identity} and name {name}")


class SplitSpec(Spec):
    """DeploymentPolicy TrafficSplitting (application load balancers only)."""

    percent: int = Field(10, ge=1, le=100)
    """NewVersionPercent: the share of requests that new instances get at first."""
    evaluation: Annotated[Duration, Field(ge=timedelta(minutes=3), le=timedelta(minutes=600))] = parse_duration("5m")
    """EvaluationTime: how long the new instances must stay healthy before they get everything."""


class Split(StrEnum):
    """What became of a traffic-splitting deployment."""

    EVALUATING = "evaluating"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled back"


class TrafficSplit:
    """One deployment with traffic splitting, from the moment its new instances get their first request."""

    def __init__(self, spec: SplitSpec, env: simpy.Environment, settle: Callable[[], None]) -> None:
        self.spec, self._settle = spec, settle
        settle()
        self.state = Split.EVALUATING
        env.process(self._evaluate(env))

    @property
    def share(self) -> float:
        """The share of requests that goes to the new version now."""
        return {Split.EVALUATING: self.spec.percent / 100, Split.COMPLETED: 1.0, Split.ROLLED_BACK: 0.0}[self.state]

    @property
    def capacity_frozen(self) -> bool:
        """Whether the group may neither grow nor shrink: as long as it is being judged."""
        return self.state is Split.EVALUATING

    def roll_back(self) -> None:
        """The new instances turned unhealthy, or somebody aborted (AbortEnvironmentUpdate). After the evaluation it is
        too late: nobody looks any more."""
        if self.state is Split.EVALUATING:
            self._end(Split.ROLLED_BACK)

    def _evaluate(self, env: simpy.Environment) -> Generator[simpy.Event, Any, None]:
        yield env.timeout(ms(self.spec.evaluation))
        if self.state is Split.EVALUATING:
            self._end(Split.COMPLETED)

    def _end(self, state: Split) -> None:
        self._settle()
        self.state = state
