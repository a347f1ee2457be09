"""The M/M/c queue: Poisson arrivals, exponential service, c workers, first come first served.

Everything is in units of the mean service time S; `load` is the offered load a = arrival rate x S, stable while
a < c. Textbook formulas (Erlang 1917).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILES = (0.5, 0.9, 0.95, 0.99)
_GRID = 200
_FULLEST = 0.995


def erlang_b(servers: int, load: float) -> float:
    """Probability that all servers are busy when nobody can wait: B(0) = 1, B(k) = aB/(k + aB)."""
    return float(_blocking(servers, np.array([load]))[0])


def erlang_c(servers: int, load: float) -> float:
    """Probability that a request must wait; `load` below `servers`."""
    return float(_waiting(servers, np.array([load]))[0])


def mean_wait(servers: int, load: float) -> float:
    """Mean time in the queue, over all requests."""
    return erlang_c(servers, load) / (servers - load)


def response_tail(t: Floats, waiting: Floats, slack: Floats) -> Floats:
    """P(response > t): service is Exp(1); with probability `waiting` a wait of Exp(slack) comes first, where
    `slack` = servers - load."""
    safe = np.where(np.abs(slack - 1) < 1e-9, slack + 1e-6, slack)
    queued = (safe * np.exp(-t) - np.exp(-safe * t)) / (safe - 1)
    return np.asarray((1 - waiting) * np.exp(-t) + waiting * queued)


def quantiles(servers: int, load: Floats) -> Floats:
    """Response times that the shares QUANTILES of the requests stay below: shape (len(load), 4). Bisection."""
    waiting, slack = _waiting(servers, load)[:, None], (servers - load)[:, None]
    beyond = 1 - np.array(QUANTILES)[None, :]
    low, high = np.zeros((len(load), 4)), np.full((len(load), 4), 1.0) * (10 + 10 / slack)
    for _ in range(30):
        middle = (low + high) / 2
        above = response_tail(middle, waiting, slack) > beyond
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


@lru_cache(maxsize=64)
def table(servers: int) -> tuple[tuple[float, ...], ...]:
    """Rows (p50, p90, p95, p99, mean response, probability to wait) at evenly spaced utilisations; see `look_up`."""
    load = servers * np.linspace(0, _FULLEST, _GRID + 1)
    waiting = _waiting(servers, load)
    mean = 1 + waiting / (servers - load)
    return tuple(map(tuple, np.column_stack([quantiles(servers, load), mean, waiting]).tolist()))


def look_up(servers: int, utilisation: float) -> tuple[float, ...]:
    """The table's row at `utilisation`, interpolated; a fuller queue than 99.5 % counts as that."""
    rows = table(servers)
    place = min(utilisation, _FULLEST) / _FULLEST * _GRID
    below = min(int(place), _GRID - 1)
    part = place - below
    return tuple(a + part * (b - a) for a, b in zip(rows[below], rows[below + 1], strict=True))


def _blocking(servers: int, load: Floats) -> Floats:
    blocking = np.ones_like(load)
    for k in range(1, servers + 1):
        blocking = load * blocking / (k + load * blocking)
    return blocking


def _waiting(servers: int, load: Floats) -> Floats:
    blocking = _blocking(servers, load)
    return np.asarray(blocking / (1 - load / servers * (1 - blocking)))
