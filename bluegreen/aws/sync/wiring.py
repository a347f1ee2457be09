"""A sync file, and all that it takes on AWS."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bluegreen.aws.session import Api, guard, open_session
from bluegreen.aws.sync.feed import DynamoFeed
from bluegreen.aws.sync.metrics import Publisher
from bluegreen.aws.sync.samples import DynamoSamples
from bluegreen.aws.sync.table import STREAM, VIEW, Described, DynamoTable, describe
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.errors import UserError
from bluegreen.lease.holder import this_process
from bluegreen.lease.shared import SharedLease
from bluegreen.plan.service import Guard
from bluegreen.ports import Clock
from bluegreen.sync.carrying import Carrier
from bluegreen.sync.copier import Copier, Report
from bluegreen.sync.direction import Direction, Start
from bluegreen.sync.merging import merge_of
from bluegreen.sync.spec import DynamoSync, Place, PostgresSync, Publish, Side
from bluegreen.sync.state import State

OpenApi = Callable[[str, str], Api]
"""An Api by region and endpoint, checked against the file's guard."""


def opener(allowed: Guard) -> OpenApi:
    """Each region and account is checked before anything is asked of it. Raises UserError, OperatingError."""
    known: dict[tuple[str, str], Api] = {}

    def api(region: str, endpoint: str) -> Api:
        if (region, endpoint) not in known:
            session = open_session(region)
            guard(Api(session), allowed, session.region_name or "")
            known[region, endpoint] = Api(session, endpoint)
        return known[region, endpoint]

    return api


@dataclass(frozen=True, slots=True)
class Opened:
    """The two tables and the state of a sync file, found and checked."""

    spec: DynamoSync
    first: DynamoTable
    second: DynamoTable
    state: State
    open_api: OpenApi

    def samples(self) -> tuple[DynamoSamples, DynamoSamples]:
        """What is compared."""
        return DynamoSamples(self.first, self.spec.marks), DynamoSamples(self.second, self.spec.marks)

    def publisher(self) -> Publisher | None:
        """Where metrics go, if anywhere."""
        return publisher(self.spec, self.open_api)


def publisher(spec: DynamoSync | PostgresSync, open_api: OpenApi) -> Publisher | None:
    """Where metrics go, if anywhere."""
    wanted: Publish | None = spec.publish
    return None if wanted is None else Publisher(open_api(wanted.region, ""), wanted.namespace, spec.name)


def opened(spec: DynamoSync, open_api: OpenApi) -> Opened:
    """Raises UserError with one line for each problem; OperatingError when AWS does not answer."""
    problems: list[str] = []
    found = {name: _described(open_api, place, name, problems) for name, place in _sides(spec)}
    store = DynamoStore(open_api(spec.state.region, spec.state.endpoint), spec.state.table)
    try:
        store.check("state")
    except UserError as error:
        problems.append(str(error))
    if not problems and len({tuple(one.keys.items()) for one in found.values() if one is not None}) > 1:
        keys = " and ".join(str(one.keys) for one in found.values() if one is not None)
        problems.append(f"first, second: the tables must have the same key; they have {keys}")
    if problems:
        raise UserError("\n".join(problems))
    tables = {name: _table(open_api, place, found[name]) for name, place in _sides(spec)}
    return Opened(spec, tables["first"], tables["second"], State(store, spec.name, keep=spec.remember), open_api)


def check_streams(spec: DynamoSync, it: Opened) -> None:
    """Raises UserError when a table has no stream that tells what an item was and became."""
    read = [(spec.first, it.first), *([(spec.second, it.second)] if spec.both_ways else [])]
    problems = [
        f"{side.side}: {side.table} needs a stream with {VIEW}; {_has(there)}. Switch it on with:\n"
        f"  {STREAM.format(region=table.api.region, table=side.table)}"
        for side, table in read
        if (there := describe(table.api, table.name)).view != VIEW or not there.stream
    ]
    if problems:
        raise UserError("\n".join(problems))


@contextmanager
def copier(it: Opened, clock: Clock, told: Callable[[Report], None]) -> Iterator[Copier]:
    """The copier of a sync file. Its lease must be acquired before it runs, and is let go of at the end."""
    spec = it.spec
    lease = SharedLease(
        it.state.store, f"sync {spec.name}", this_process("sync", clock.now()), uuid.uuid4().hex, spec.lease, clock
    )
    it.state.lease = lease
    with ThreadPoolExecutor(spec.workers) as pool:
        directions = [_direction(it, spec.first, clock.now, pool)]
        if spec.both_ways:
            directions.append(_direction(it, spec.second, clock.now, pool))
        yield Copier(tuple(directions), it.state, lease, clock.now, clock.sleep, told)


def _direction(it: Opened, side: Side, now: Callable[[], datetime], pool: ThreadPoolExecutor) -> Direction:
    spec, marks = it.spec, it.spec.marks
    source, target = (it.first, it.second) if side == spec.first else (it.second, it.first)
    merge = merge_of(spec.conflict)
    carrier = Carrier(side.side, source, target, it.state, marks, now, both_ways=spec.both_ways, merge=merge)
    return Direction(
        f"{side.side}>{marks.other(side.side)}",
        side.table,
        DynamoFeed(source.api, source.name),
        carrier,
        Start.WHOLE if side == spec.first and spec.baseline else Start.STREAM if side == spec.first else Start.NOW,
        spec.page,
        pool if spec.workers > 1 else None,
    )


def _sides(spec: DynamoSync) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("first", spec.first), ("second", spec.second)


def _described(open_api: OpenApi, place: Place, name: str, problems: list[str]) -> Described | None:
    try:
        return describe(open_api(place.region, place.endpoint), place.table)
    except UserError as error:
        problems.append(f"{name}: {error}")
        return None


def _table(open_api: OpenApi, place: Place, found: Described | None) -> DynamoTable:
    assert found is not None, "problems were raised"
    return DynamoTable(open_api(place.region, place.endpoint), place.table, tuple(found.keys))


def _has(found: Described) -> str:
    return f"it has {found.view}" if found.stream else "it has none"
