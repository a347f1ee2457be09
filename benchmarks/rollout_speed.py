"""How fast a two-hour rollout with three million clients is rehearsed on the moto tier, and whose time that is.

Three numbers from one process:
- the whole run, once everything is imported: median of several;
- the floor: the same calls, in the same states, asked of plain boto3 + moto without our hooks. While a run goes on,
  each read is asked a second time, past the hooks, and timed; changes are timed where they really happen;
- ours: the whole run less the time that botocore and moto had in it (without our hooks).
"""

import contextlib
import statistics
from collections.abc import Iterator
from time import process_time  # bound here, and other people's work on the machine left out

from botocore.client import BaseClient
from botocore.exceptions import ClientError

import sim.cloud
import sim.run
from benchmarks.figure import Figure
from sim.clock import EPOCH
from sim.cloud import Cloud
from sim.cloud.hooks import Hooks
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of

ROUNDS = 5
READS = ("Describe", "List", "Get")


def figures() -> Iterator[Figure]:
    scenario, plan = _material()
    run(scenario, plan, seed=1)  # imports, first-use tables of botocore and moto
    whole, simulated = [], 0.0
    for _ in range(ROUNDS):
        began = process_time()
        done = run(scenario, plan, seed=1)
        whole.append(process_time() - began)
        simulated = (done.world.clock.now() - EPOCH).total_seconds()
    libraries = statistics.median(_library_time(scenario, plan) for _ in range(3))
    floor = _floor(scenario, plan)
    typical = statistics.median(whole)
    ours = typical - libraries
    yield Figure(
        "rollout, moto tier: simulated to real", simulated / typical, ": 1", "at least 10,000 : 1, or the floor"
    )
    yield Figure("rollout, moto tier: whole run", typical, "s")
    yield Figure("rollout, moto tier: calls to AWS", done.world.api.calls, "calls")
    yield Figure("rollout, moto tier: same calls, plain boto3 + moto (the floor)", floor, "s")
    yield Figure("rollout, moto tier: inside boto3 + moto", libraries, "s")
    yield Figure("rollout, moto tier: ours", ours, "s")
    yield Figure("rollout, moto tier: ours, of ours and the floor", 100 * ours / (ours + floor), "%", "under 20 %")
    yield Figure("rollout, moto tier: ours, of the whole run", 100 * ours / typical, "%")


def _material():
    path = built_in()["all-well"]
    scenario = load_scenario(path)
    return scenario, plan_of(scenario, path, None)


class Meter:
    """Whose time it is: each moment counts for the innermost owner."""

    def __init__(self) -> None:
        self.spent = {"libraries": 0.0, "ours": 0.0}
        self._owners = ["ours"]
        self._since = process_time()

    def owned(self, owner, function):
        def wrapper(*args, **kwargs):
            self._enter(owner)
            try:
                return function(*args, **kwargs)
            finally:
                self._leave()

        return wrapper

    def stop(self) -> None:
        self._count()

    def _enter(self, owner) -> None:
        self._count()
        self._owners.append(owner)

    def _leave(self) -> None:
        self._count()
        self._owners.pop()

    def _count(self) -> None:
        now = process_time()
        self.spent[self._owners[-1]] += now - self._since
        self._since = now


def _library_time(scenario, plan) -> float:
    """Seconds inside botocore and moto in one run. Our hooks inside a call are ours, moto inside those is not."""
    call = BaseClient._make_api_call
    hooks = {name: getattr(Hooks, name) for name in ("_before_build", "_before_call", "_after_call")}
    meter = Meter()
    try:
        BaseClient._make_api_call = meter.owned("libraries", call)
        for name, hook in hooks.items():
            setattr(Hooks, name, meter.owned("ours", hook))
        _fresh_clients()
        run(scenario, plan, seed=1)  # makes the clients
        meter.spent.update(libraries=0.0, ours=0.0)
        run(scenario, plan, seed=1)
        meter.stop()
    finally:
        BaseClient._make_api_call = call
        for name, hook in hooks.items():
            setattr(Hooks, name, hook)
        _fresh_clients()
    return meter.spent["libraries"]


def _fresh_clients() -> None:
    """Hooks are bound when a session is made."""
    sim.cloud._session.cache_clear()
    sim.cloud._client.cache_clear()


def _floor(scenario, plan) -> float:
    """Seconds that plain boto3 + moto need for the calls of one run."""
    spent = [0.0]
    clouds = []

    class Watched(Cloud):
        def __enter__(self):
            clouds.append(self)
            return super().__enter__()

    call = BaseClient._make_api_call
    nested = []

    def twice(self, operation, params):
        if nested or not clouds:
            return call(self, operation, params)
        nested.append(operation)
        try:
            if operation.startswith(READS):
                spent[0] += _plainly(clouds[-1], self, operation, params)
                return call(self, operation, params)
            began = process_time()
            answer = call(self, operation, params)
            spent[0] += process_time() - began
            return answer
        finally:
            nested.pop()

    sim.cloud.Cloud, BaseClient._make_api_call = Watched, twice
    try:
        run(scenario, plan, seed=1)
    finally:
        sim.cloud.Cloud, BaseClient._make_api_call = Cloud, call
    return spent[0]


def _plainly(cloud, client, operation, params) -> float:
    """Ask moto the same, without hooks; seconds. What moto does not know at all costs nothing."""
    plain = cloud.moto(client.meta.service_model.service_name)
    began = process_time()
    with contextlib.suppress(ClientError, KeyError, TypeError):
        plain._make_api_call(operation, params)
    return process_time() - began
