"""A cloud over a small world, with clients as the engine has them (retries off), and without any latency."""

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from botocore.config import Config

from bluegreen.plan import Plan
from sim.cloud import Cloud, CloudSpec
from sim.world import World
from sim.worldspec import WorldSpec

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=20)

PLAN = {
    "service": {"name": "shop", "zone": "example.com", "record": "www.example.com"},
    "live": {"slot": "blue", "balancer": "shop-live", "group": "shop-live"},
    "candidate": {"clone": {"image": "ami-0abcdef0123456789"}},
    "strategy": {"kind": "linear", "step": "10%", "hold": "5m"},
    "gates": [{"kind": "threshold", "measure": "error_rate", "below": "1%"}],
    "guard": {"accounts": ["123456789012"], "regions": ["us-east-1"]},
}
CNAME = {"name": "shop", "zone": "example.com", "record": "www.example.com", "records": "cname", "ttl": "60s"}


@contextmanager
def opened(seed=1, latency=timedelta(0), world=None, plan=None, start=True, **spec):
    """world, cloud, and `client(service)` as one thing."""
    the_plan = Plan.model_validate({**PLAN, **(plan or {})})
    made = World(world or WorldSpec(), the_plan, seed)
    made.api.latency = latency
    with Cloud(made, the_plan, CloudSpec(**spec)) as cloud:
        if start:
            made.start()
        yield SimpleNamespace(
            world=made,
            cloud=cloud,
            plan=the_plan,
            client=lambda service: cloud.session.client(service, config=CONFIG),
            wait=lambda **length: made.clock.sleep(timedelta(**length)),
        )


@pytest.fixture
def rehearsal():
    with opened() as it:
        yield it
