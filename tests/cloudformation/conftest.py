"""A rehearsal's cloud whose plan has a template, and the engine's way to it."""

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.stack import StackWay
from bluegreen.aws.session import Api
from bluegreen.model import Presence, Slot
from tests.cloud.conftest import opened
from tests.cloudformation.templates import APPLICATION, GIVEN


@pytest.fixture
def stack(tmp_path):
    """stack(body, parameters, **more): the world, the cloud, and the engine's way to the candidate."""

    @contextmanager
    def begun(body=APPLICATION, parameters=GIVEN, group="", balancer="", **more):
        file = tmp_path / "green.template"
        file.write_text(body)
        template = {"file": file, "parameters": parameters, "group": group, "balancer": balancer}
        with opened(plan={"candidate": {"template": template}}, **more) as it:
            api = Api(it.cloud.session)
            stamp = Stamp("shop", "roll-1", Slot.GREEN)
            way = StackWay(api, it.plan.candidate.template, stamp)
            again = lambda: StackWay(api, it.plan.candidate.template, stamp)  # noqa: E731
            yield SimpleNamespace(**vars(it), way=way, again=again, api=api, name=stamp.name)

    return begun


def settle(it, minutes=40):
    """Look every half minute until the environment is no longer being made or removed."""
    for _ in range(minutes * 2):
        view = it.way.look()
        if view.presence not in {Presence.CREATING, Presence.REMOVING}:
            return view
        it.world.clock.sleep(timedelta(seconds=30))
    return it.way.look()


def create(it):
    """Create, and wait for what becomes of it."""
    it.way.create()
    return settle(it)


def events(it):
    """(logical id, status) oldest first."""
    told = it.api.collect("cloudformation", "describe_stack_events", "StackEvents", StackName=it.name)
    return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(told)]
