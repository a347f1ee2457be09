"""Two tables in memory, applications that write to them, a copier between them, and weather in which its calls fail."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bluegreen.errors import OperatingError, Throttled, Unreachable
from bluegreen.lease.holder import Holder
from bluegreen.lease.shared import SharedLease
from bluegreen.sync.carrying import Carrier
from bluegreen.sync.change import milliseconds
from bluegreen.sync.copier import Copier
from bluegreen.sync.counts import Count
from bluegreen.sync.direction import Direction, Start
from bluegreen.sync.marks import Marks
from bluegreen.sync.state import State
from sim.data.history import Applied, Form, History, Wrote
from sim.data.tables import StreamedTable
from sim.memory.table import Table

START = datetime(2030, 1, 1, tzinfo=UTC)
MARKS = Marks("blue", "green")
LEASE = timedelta(seconds=60)


class Killed(BaseException):
    """The copier's process ended here."""


FATES = {
    "killed before": (Killed, False),
    "killed after": (Killed, True),
    "reply lost": (Unreachable, True),
    "throttled": (Throttled, False),
}


@dataclass
class Weather:
    """What happens to the calls of a copier, by number from 1."""

    fates: dict = field(default_factory=dict)
    calls: int = 0
    log: list = field(default_factory=list)

    def ask(self, what, call):
        self.calls += 1
        self.log.append(what)
        error, after = FATES.get(self.fates.get(self.calls), (None, False))
        if error and not after:
            raise error(f"{what}, call {self.calls}")
        answer = call()
        if error:
            raise error(f"{what}, call {self.calls}")
        return answer


def asked(ask):
    """The answer, or None when there is none now."""
    try:
        return ask()
    except OperatingError:
        return None


class Outside:
    """A port whose calls meet the weather."""

    def __init__(self, port, name, weather):
        self._port, self._name, self._weather = port, name, weather

    def __getattr__(self, name):
        found = getattr(self._port, name)
        if not callable(found):
            return found
        return lambda *given: self._weather.ask(f"{self._name}.{name}", lambda: found(*given))


@dataclass
class Place:
    """Both tables and what happened to them. An application writes by the contract unless it is told not to."""

    both_ways: bool = True
    merge: object = None
    page: int = 3
    start_: Start = Start.WHOLE
    shards: int = 2
    now_: datetime = START
    weather: Weather = field(default_factory=Weather)
    kept: Table = field(default_factory=Table)
    history: History = field(default_factory=lambda: History("blue"))

    def __post_init__(self):
        self.tables = {
            side: StreamedTable(side, self.now, shards=self.shards, heard=self.hear) for side in ("blue", "green")
        }
        self.writes, self.copiers, self.acting = 0, 0, None
        self.deleted = {}
        self.copier = None

    def now(self):
        return self.now_

    def pass_by(self, length):
        self.now_ += length

    @property
    def ms(self):
        return milliseconds(self.now_)

    # -- applications --------------------------------------------------------------------------------------------------

    def put(self, side, key, *, version=True, **more):
        """Write the whole item; `version=False`: without one, `version=None`: leave what is there."""
        there = self.tables[side].get({"id": {"S": key}}) or {}
        before = MARKS.version_of(there)
        stamp = max(self.ms, before + 1)
        self.writes += 1
        id_ = f"w{self.writes}"
        image = {"id": {"S": key}, "write": {"S": id_}, **more}
        if version is True:
            image["version"] = {"N": str(stamp)}
        elif version is None:
            image = {**there, **image}
        self._do(side, key, id_, image, self._order(stamp, side), Form.SET)
        return id_

    def delete(self, side, key):
        there = self.tables[side].get({"id": {"S": key}})
        if there is None:
            return None
        self.writes += 1
        id_ = f"d{self.writes}"
        second = milliseconds(self.now_.replace(microsecond=0))
        order = self._order(max(second, MARKS.version_of(there) + 1), side)
        self.deleted[side, key] = id_
        self._do(side, key, id_, None, order, Form.DELETE)
        return id_

    def _do(self, side, key, id_, image, order, form):
        self.history.events.append(Wrote(key, id_, order, side, self.ms, self.ms, form))
        self.acting = id_
        self.tables[side].write({"id": {"S": key}}, image)
        self.acting = None

    def _order(self, version, side):
        """Versions as the copier orders them: of equal ones, the first side's is higher."""
        return 2 * version + (side == "blue")

    def hear(self, table, key, before, after):
        key_ = key["id"]["S"]
        if self.acting:
            id_ = self.acting
        elif after is None:
            id_ = self.newest_delete(key_)
            if any(isinstance(e, Applied) and (e.id, e.side) == (id_, table.name) for e in self.history.events):
                return  # it clears up after a delete that had happened here
        else:
            id_ = after["write"]["S"]
            if before is not None and before.get("write") == after.get("write"):
                return  # only the marks
        self.history.events.append(Applied(key_, id_, table.name, self.ms))

    def newest_delete(self, key):
        """The delete that a copier carries out."""
        writes = self.history.writes()
        return max((id_ for (_, of), id_ in self.deleted.items() if of == key), key=lambda id_: writes[id_].version)

    # -- the copier ----------------------------------------------------------------------------------------------------

    def start(self):
        """A new copier, in a process of its own. It gets the lease when nobody has renewed it for its length."""
        self.copiers += 1
        store = Outside(self.kept, "state", self.weather)
        me = Holder("ann", "laptop", self.copiers, "orders", self.now_)
        lease = SharedLease(store, "sync orders", me, f"token-{self.copiers}", LEASE, self)
        state = State(store, "orders", lease)
        ways = (("blue", "green"), ("green", "blue"))[: 2 if self.both_ways else 1]
        directions = tuple(self._direction(state, source, target) for source, target in ways)
        while not (asked(lease.acquire) and asked(state.losses)):
            self.pass_by(LEASE / 4)
        self.copier = Copier(directions, state, lease, self.now, self.pass_by, lambda _: None)
        return self.copier

    def _direction(self, state, source, target):
        ports = {side: Outside(self.tables[side], side, self.weather) for side in self.tables}
        marks = MARKS
        carrier = Carrier(
            source, ports[source], ports[target], state, marks, self.now, both_ways=self.both_ways, merge=self.merge
        )
        name = f"{source}>{target}"
        return Direction(
            name, source, ports[source], carrier, self.start_ if source == "blue" else Start.NOW, self.page
        )

    def go(self, rounds=1):
        """So many rounds. A copier that is killed is followed by another one."""
        for _ in range(rounds):
            try:
                (self.copier or self.start()).run(self._once())
            except Killed:
                self.copier = None
                self.pass_by(LEASE)

    def _once(self):
        left = [None]
        return lambda _: bool(left and not left.pop())

    def settle(self):
        """Until nothing is new any more, twice: a copy's own record is read too."""
        for _ in range(200):
            try:
                if self.copier is None:
                    self.start()
                for _ in range(3):
                    self.copier.run(lambda report: report is None or not report.quiet)
            except Killed:
                self.copier = None
                self.pass_by(LEASE)
            else:
                return self
        raise AssertionError("it never came to rest")

    # -- what there is -------------------------------------------------------------------------------------------------

    def holds(self, side):
        """What each item of a side holds: the ids of writes, by key."""
        return {image["id"]["S"]: image.get("write", {}).get("S") for image in self.tables[side].items.values()}

    def ended(self):
        """The history, with what the stores hold and what was told to be lost."""
        self.history.final = {
            side: {key: (value,) for key, value in self.holds(side).items()} for side in ("blue", "green")
        }
        told = [one.content for one in self.state.overwritten()]
        self.history.reported = {id_ for id_ in self.history.writes() if any(f'"{id_}"' in text for text in told)}
        return self.history

    @property
    def state(self):
        return State(self.kept, "orders")

    def count(self, count, direction="blue>green"):
        return self.state.totals(direction)[count]

    @property
    def counts(self):
        return {count: sum(self.state.totals(way)[count] for way in ("blue>green", "green>blue")) for count in Count}
