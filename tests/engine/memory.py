"""An outside made of plain values, for tests of the loop: obeys at once, remembers every action, fails on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from bluegreen.errors import Unreachable
from bluegreen.model import AlarmView, EnvironmentView, Point, Presence, Slot, TrafficView
from bluegreen.ports import Ports

START = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Outside:
    """The whole outside of one engine."""

    at: datetime = START
    weights: dict[Slot, int] = field(default_factory=lambda: {Slot.BLUE: 100})
    desired: dict[Slot, int] = field(default_factory=lambda: {Slot.BLUE: 10})
    held: dict[Slot, bool] = field(default_factory=dict)
    floor: dict[Slot, int] = field(default_factory=dict)
    """MinSize; it is raised only while scale-in is held."""
    dead: set[Slot] = field(default_factory=set)
    """Slots without a healthy instance."""
    in_sync: bool = True
    done: list[str] = field(default_factory=list)
    error_rate: float = 0.0
    mute: bool = False
    commands: list = field(default_factory=list)
    fail: set[int] = field(default_factory=set)
    """Numbers of the actions (from 1) that fail; odd ones after they took effect."""

    # Clock
    def now(self) -> datetime:
        return self.at

    def sleep(self, length: timedelta) -> None:
        self.at += length

    # Traffic and Environments
    def look(self, slot: Slot) -> EnvironmentView:
        n = self.desired.get(slot)
        if n is None:
            return EnvironmentView(Presence.ABSENT)
        healthy = 0 if slot in self.dead else n
        held = self.held.get(slot, False)
        return EnvironmentView(Presence.READY, n, n, healthy, n, held, minimum=self.floor.get(slot, 1))

    def read(self, queries=None, since=None, until=None):
        if queries is None:
            return TrafficView(dict(self.weights), self.in_sync)
        return {query: self._series(query, since, until) for query in queries}

    def _series(self, query, since, until):
        first = since.replace(second=0, microsecond=0)
        minutes = [first + MINUTE * i for i in range(int((until - first) / MINUTE) - 1)]
        total = sum(self.weights.values())
        requests = 60_000 * self.weights.get(query.slot, 0) / total
        value = {
            "requests": requests,
            "errors": requests * self.error_rate * (query.slot is Slot.GREEN),
            "healthy_hosts": float(self.desired.get(query.slot, 0)),
        }.get(query.measure, 0.05)
        if self.mute or (query.measure == "requests" and not requests):
            return ()
        return tuple(Point(at, value) for at in minutes if at >= since)

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values())
        self._do(f"weights {dict(sorted(weights.items()))}", lambda: self.weights.update(weights))

    def create(self, slot: Slot) -> None:
        self._do(f"create {slot}", lambda: self.desired.setdefault(slot, 1))

    def resize(self, slot: Slot, instances: int) -> None:
        self._do(f"resize {slot} {instances}", partial(self._resize, slot, instances))

    def _resize(self, slot: Slot, instances: int) -> None:
        self.desired[slot] = max(instances, self.desired[slot])
        if self.held.get(slot):
            self.floor[slot] = max(instances, self.floor[slot])

    def hold_scale_in(self, slot: Slot, held: bool) -> None:
        self._do(f"hold {slot} {held}", partial(self._hold, slot, held))

    def _hold(self, slot: Slot, held: bool) -> None:
        self.held[slot] = held
        self.floor[slot] = self.desired[slot] if held else 1

    def remove_environment(self, slot: Slot) -> None:
        self._do(f"remove {slot}", lambda: self.desired.pop(slot, None))

    def remove_record(self, slot: Slot) -> None:
        self._do(f"remove record {slot}", lambda: self.weights.pop(slot, None))

    def alarms(self, names):
        return dict.fromkeys(names, "OK")

    def set_up(self, names, at):
        return [AlarmView(name, "OK", datapoints=1, periods=1, period=60, missing="notBreaching") for name in names]

    def take(self):
        taken, self.commands = tuple(self.commands), []
        return taken

    def _do(self, what, effect) -> None:
        self.done.append(what)
        number = len(self.done)
        if number not in self.fail or number % 2:
            effect()
        if number in self.fail:
            raise Unreachable(f"no answer to {what}")

    @property
    def ports(self) -> Ports:
        return Ports(_Removing(self, self.remove_record), _Removing(self, self.remove_environment), self)


class _Removing:
    """Traffic and Environments both have a `remove`."""

    def __init__(self, outside, remove) -> None:
        self._outside = outside
        self.remove = remove

    def __getattr__(self, name):
        return getattr(self._outside, name)


class ListJournal:
    """A journal in memory."""

    def __init__(self) -> None:
        self.list = []

    def append(self, entry) -> None:
        self.list.append(entry)

    def entries(self):
        return tuple(self.list)
