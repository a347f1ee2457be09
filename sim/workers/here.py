"""No workers at all: this process does it."""

from __future__ import annotations

from collections.abc import Iterable

from sim.material import Material
from sim.workers.base import Item, Job, Result, Results


class Here:
    """One after another."""

    def results(self, job: Job[Item, Result], material: Material, items: Iterable[Item]) -> Results[Result]:
        yield from (job(material, item) for item in items)
