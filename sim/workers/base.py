"""What every kind of workers offers, and what they share: work in bundles, results in order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

from bluegreen.errors import UserError
from sim.material import Material

Item = TypeVar("Item")
Result = TypeVar("Result")
Job = Callable[[Material, Item], Result]
"""A function that other processes can find by its name."""

Results = Generator[Result, None, None]
"""Close it when no more are wanted: then the workers go home."""

BUNDLE = 4
"""So many runs are handed over at a time."""
AHEAD = 3
"""So many bundles wait for each worker."""


class WorkersLost(UserError):
    """They are gone, and no more results come. What came before is good."""


class Workers(Protocol):
    """Do a job on items, wherever."""

    def results(self, job: Job[Item, Result], material: Material, items: Iterable[Item]) -> Results[Result]:
        """The results, in the order of the items, of which there may be no end. A worker that dies loses nothing.
        Raises what the job raises, and WorkersLost when all die."""
        ...


def bundles(items: Iterable[Item], size: int = BUNDLE) -> Iterator[tuple[Item, ...]]:
    """The items by so many."""
    stream = iter(items)
    while bundle := tuple(islice(stream, size)):
        yield bundle


def do_all(job: Job[Item, Result], material: Material, bundle: tuple[Item, ...]) -> list[Result]:
    """One bundle, where the worker is."""
    return [job(material, item) for item in bundle]
