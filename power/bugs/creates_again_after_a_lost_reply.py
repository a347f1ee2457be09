"""A create whose reply was lost is repeated under a new name.

A retry around a call that is not idempotent: terraform and many scripts around create_load_balancer.
"""

from bluegreen.engine import Engine
from bluegreen.errors import OperatingError
from bluegreen.model import CreateEnvironment
from power.bug import Bug


def wrong(right, engine, action):
    try:
        right(engine, action)
    except OperatingError:
        if isinstance(action, CreateEnvironment):
            engine.ports.environments.remove(action.slot)  # make room for another one
            right(engine, action)
        raise


BUG = Bug(Engine, "act", wrong)
