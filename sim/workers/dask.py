"""A Dask cluster: one that exists, or workers of this machine. The extra `explore` brings it."""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Iterable
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import Any

from bluegreen.errors import UserError
from sim.material import Material
from sim.workers.base import AHEAD, Item, Job, Result, Results, WorkersLost, bundles, do_all

PATIENCE = "30s"
"""How long an existing scheduler may take to answer, and to have a worker."""


class Dask:
    """`address` of a scheduler like `tcp://10.0.0.7:8786`, whose workers have this version of this package; without
    one, `count` workers of this machine. A worker that dies is replaced, and its bundles are done again."""

    def __init__(self, address: str | None = None, count: int = 1) -> None:
        self.address = address
        self.count = count

    def results(self, job: Job[Item, Result], material: Material, items: Iterable[Item]) -> Results[Result]:
        distributed = _distributed()
        waiting: deque[Any] = deque()
        with ExitStack() as stack:
            client = self._client(distributed, stack)
            # Brought by a task, and not scattered: what was scattered dies with the last worker that had it.
            brought = client.submit(_the_same, material, pure=False)
            try:
                for bundle in bundles(items):
                    waiting.append(client.submit(do_all, job, brought, bundle, pure=False))
                    if len(waiting) >= AHEAD * max(1, len(client.nthreads())):
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            except distributed.KilledWorker as error:
                raise WorkersLost(f"the cluster's workers die again and again at one of these runs: {error}") from error
            except (OSError, CancelledError) as error:
                raise WorkersLost(f"the cluster was lost: {error}") from error

    def _client(self, distributed: Any, stack: ExitStack) -> Any:
        """Raises UserError when nobody answers at the address, or nobody works there."""
        if self.address is None:
            cluster = distributed.LocalCluster(n_workers=self.count, threads_per_worker=1, dashboard_address=None)
            return stack.enter_context(distributed.Client(stack.enter_context(cluster)))
        try:
            client = stack.enter_context(distributed.Client(self.address, timeout=PATIENCE))
        except OSError as error:
            raise UserError(f"--scheduler {self.address}: nobody answers there: {error}") from error
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UserError(
                f"--scheduler {self.address}: it has no workers; dask worker {self.address} starts one"
            ) from error
        return client


def _the_same(material: Material) -> Material:
    """A task, so that it is made again when nobody has it any more."""
    return material


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise UserError(
            "a cluster needs Dask: pip install 'bluegreen-rehearsal[explore]'; without it, leave out --scheduler"
        ) from error
