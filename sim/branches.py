"""One run that branches: at a call of it the process is copied, and the copy goes on with an interruption of that call.

So an interruption costs only what comes after it, and all of them see the very same run until then. The run that
branches has a process of its own: a copy takes along nothing that belongs to somebody else.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType

from bluegreen.errors import UserError
from sim.faults.base import Fault
from sim.material import Material
from sim.run import Rehearsing, Run

Judge = Callable[[Run], str]
"""Why a branch did not come out well, or nothing. Other processes must find it by its name."""
Wishes = Mapping[int, Sequence[tuple[str, Fault]]]
"""By the number of the call, from 1: what shall strike at it, with the name it is told under."""
WORDS = 4000
"""So many letters of it are told: they fit into a pipe that nobody empties meanwhile."""
Told = tuple[int, str, str]
"""A branch's call and name, and why it did not come out well."""


def branches(material: Material, wishes: Wishes, judge: Judge, *, jobs: int = 1) -> Iterator[Told]:
    """What came of each, in the order in which they end; so many at a time."""
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    trunk = get_context("spawn").Process(target=_grow, args=(material, wishes, judge, jobs, theirs))
    trunk.start()
    theirs.close()
    try:
        for _ in range(sum(map(len, wishes.values()))):
            yield ours.recv()
    except EOFError:
        raise UserError("the process of the run that branches died before all was tried") from None
    finally:
        trunk.terminate()
        trunk.join()


def _grow(material: Material, wishes: Wishes, judge: Judge, jobs: int, told: Connection) -> None:
    """In the process of the trunk. Ctrl-C is for the one that the person sees."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    rehearsing = Rehearsing(material.scenario, material.plan, material.seed)
    trunk = _Trunk(rehearsing, wishes, jobs, told.send)
    with material.plant(), trunk:
        done = rehearsing.run(material.tier, trunk.watch)
        trunk.why = judge(done) if trunk.mouth is not None else ""
    while trunk.growing:
        trunk.reap()


@dataclass(slots=True)
class _Trunk(AbstractContextManager["_Trunk"]):
    """The run, and its branches that have not ended. A branch leaves the block by ending its process."""

    rehearsing: Rehearsing
    wishes: Wishes
    jobs: int
    tell: Callable[[Told], None]
    why: str = ""
    growing: dict[int, tuple[int, str, int]] = field(default_factory=dict)
    """By process: the call, the name, and where its words can be read."""
    mouth: int | None = None
    """Where a branch says what came of it; None in the trunk."""

    def watch(self) -> None:
        """The rollout begins: from now on look at each call."""
        self.rehearsing.world.api.at_each = self._called

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self.mouth is None:
            return
        try:
            why = f"it raised {kind.__name__}: {error}" if kind else self.why
            os.write(self.mouth, why[:WORDS].encode() + b".")
        finally:
            os._exit(0)

    def reap(self) -> None:
        """Wait for a branch to end, and tell what came of it."""
        pid, _ = os.wait()
        call, name, ear = self.growing.pop(pid)
        with os.fdopen(ear, "rb") as words:
            said = words.read().decode()
        self.tell((call, name, said[:-1] if said else "its process died"))

    def _called(self, call: int) -> None:
        for name, fault in self.wishes.get(call, ()):
            while len(self.growing) >= self.jobs:
                self.reap()
            ear, mouth = os.pipe()
            if pid := os.fork():
                os.close(mouth)
                self.growing[pid] = (call, name, ear)
                continue
            self.mouth = mouth
            self.rehearsing.world.api.at_each = None
            fault.strike(self.rehearsing.scene)
            return
