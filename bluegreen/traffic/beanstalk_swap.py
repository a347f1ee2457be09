"""Two Elastic Beanstalk environments exchange their CNAMEs: all or nothing, through DNS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from bluegreen.registry import examples
from bluegreen.traffic.base import Mover, middle_steps, no_fallback
from bluegreen.units import Duration, PositiveDuration, parse_duration, show_share

if TYPE_CHECKING:
    from bluegreen.plan import Plan


class BeanstalkSwap(Mover):
    """SwapEnvironmentCNAMEs. Users whose caches keep to no TTL go on to call the old environment (Elastic Beanstalk
    Developer Guide, blue/green deployments)."""

    divides: ClassVar[bool] = False
    confirms: ClassVar[bool] = False

    model_config = examples({"cname": "shop.us-east-1.elasticbeanstalk.com"})

    kind: Literal["beanstalk_swap"] = "beanstalk_swap"
    cname: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    """The environment name that users' names lead to, like `shop.us-east-1.elasticbeanstalk.com`: it moves."""
    ttl: PositiveDuration = parse_duration("60s")
    """How long resolvers keep an environment's CNAME. Unpublished; 60 s is assumed."""
    spread: Annotated[Duration, Field(le=parse_duration("10m"))] = parse_duration("60s")
    """From a swap until every name server answers with it. Unpublished; assumed as for other Route 53 changes."""

    def lasts(self, ttl: timedelta) -> timedelta:
        return self.ttl

    def problems(self, plan: Plan) -> Iterator[str]:
        yield from no_fallback(plan, self.kind)
        if plan.rollback.pace == "stepped":
            yield "rollback.pace: beanstalk_swap moves all users or none; use as_it_comes or at_once"
        if plan.candidate.beanstalk is None or plan.live.environment is None:
            yield (
                "traffic: beanstalk_swap needs two Beanstalk environments: give `live: {environment: ...}` and"
                " `candidate: beanstalk`"
            )
        if some := middle_steps(plan):
            shares = ", ".join(show_share(share) for share in some)
            yield (
                f"strategy: beanstalk_swap moves all users or none, so there is no step of {shares}; use"
                " `strategy: {kind: all_at_once}`, or route53 for weights between the environments' balancers"
            )
