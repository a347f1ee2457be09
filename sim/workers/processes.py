"""Processes of this machine. When one dies, a new set takes up what was not done."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from sim.material import Material
from sim.workers.base import AHEAD, Item, Job, Result, Results, WorkersLost, bundles, do_all

DEATHS = 3
"""So often a bundle's processes may die before it is given up: it is the bundle that kills them."""


class Processes:
    """So many of them, for as long as results are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pids: tuple[int, ...] = ()
        """The processes that are at work."""

    def results(self, job: Job[Item, Result], material: Material, items: Iterable[Item]) -> Results[Result]:
        work = _Work(self, job, material)
        try:
            for bundle in bundles(items):
                work.add(bundle)
                if work.full:
                    yield from work.oldest()
            while work.waiting:
                yield from work.oldest()
        finally:
            work.stop()


class _Work:
    """Bundles that are being done, oldest first."""

    def __init__(self, processes: Processes, job: Job[Any, Any], material: Material) -> None:
        self.processes, self.job, self.material = processes, job, material
        self.waiting: deque[tuple[tuple[Any, ...], Future[list[Any]]]] = deque()
        self.pool = self._open()

    @property
    def full(self) -> bool:
        return len(self.waiting) >= AHEAD * self.processes.count

    def add(self, bundle: tuple[Any, ...]) -> None:
        try:
            self.waiting.append((bundle, self.pool.submit(_do, bundle)))
        except BrokenProcessPool:  # it broke before anybody asked for a result
            self._open_anew()
            self.add(bundle)
        self.processes.pids = tuple(sorted(self.pool._processes or {}))

    def oldest(self) -> list[Any]:
        """What came of the oldest bundle."""
        for _ in range(DEATHS):
            try:
                done = self.waiting[0][1].result()
                self.waiting.popleft()
                return done
            except BrokenProcessPool:
                self._open_anew()
        raise WorkersLost(f"the worker processes die again and again at one of these: {self.waiting[0][0]}")

    def stop(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.processes.pids = ()

    def _open(self) -> ProcessPoolExecutor:
        brought = (self.job, self.material)
        return ProcessPoolExecutor(self.processes.count, get_context("spawn"), _bring, brought)

    def _open_anew(self) -> None:
        """All that was not finished is done again: a run has no effect but its result."""
        self.stop()
        self.pool = self._open()
        again = [(b, f if f.done() and not f.cancelled() and f.exception() is None else None) for b, f in self.waiting]
        self.waiting = deque((b, f or self.pool.submit(_do, b)) for b, f in again)


_here: list[tuple[Job[Any, Any], Material]] = []


def _bring(job: Job[Any, Any], material: Material) -> None:
    """Once in each process. Ctrl-C is for the one that the person sees."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here.append((job, material))


def _do(bundle: tuple[Any, ...]) -> list[Any]:
    return do_all(*_here[-1], bundle)
