"""Queues in the steady state: Poisson arrivals, c workers, first come first served.

Everything is in units of the mean service time S; `load` is the offered load a = arrival rate x S, stable while
a < c. M/M/c is exact (Erlang 1917). Other arrivals and services, given by the squared coefficients of variation
`ca2` and `cs2` of gaps and service times, follow Allen and Cunneen: the waits of M/M/c times (ca2 + cs2) / 2, which
is exact for M/G/1 (Pollaczek and Khinchine). Their service times are taken to be log-normal.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import exp, log1p, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = tuple[float, float, float, float, float, float]

QUANTILES = (0.5, 0.9, 0.95, 0.99)
GRID = 200
"""The tables have so many steps..."""
FULLEST = 0.995
"""...up to this utilisation; a fuller queue counts as that: it would take it an hour to become what theory says."""
_POINTS = 200


def erlang_b(servers: int, load: float) -> float:
    """Probability that all servers are busy when nobody can wait: B(0) = 1, B(k) = aB/(k + aB)."""
    return float(_blocking(servers, np.array([load]))[0])


def erlang_c(servers: int, load: float) -> float:
    """Probability that a request must wait; `load` below `servers`."""
    return float(_waiting(servers, np.array([load]))[0])


def mean_wait(servers: int, load: float, ca2: float = 1.0, cs2: float = 1.0) -> float:
    """Mean time in the queue, over all requests."""
    return erlang_c(servers, load) / (servers - load) * (ca2 + cs2) / 2


def mg1_wait(load: float, cs2: float) -> float:
    """M/G/1, mean time in the queue: load (1 + cs2) / (2 (1 - load)) (Pollaczek and Khinchine)."""
    return load * (1 + cs2) / (2 * (1 - load))


def mm1k_loss(load: float, room: int) -> float:
    """M/M/1/K: the share that finds all `room` places, the one in service among them, taken."""
    if abs(load - 1) < 1e-12:
        return 1 / (room + 1)
    return (1 - load) * load**room / (1 - load ** (room + 1))


def response_tail(t: Floats, waiting: Floats, slack: Floats, cs2: float = 1.0) -> Floats:
    """P(response > t): with probability `waiting` a wait of Exp(slack) comes before the service."""
    if cs2 == 1:
        safe = np.where(np.abs(slack - 1) < 1e-9, slack + 1e-6, slack)
        queued = (safe * np.exp(-t) - np.exp(-safe * t)) / (safe - 1)
        return np.asarray((1 - waiting) * np.exp(-t) + waiting * queued)
    left = np.asarray(t)[..., None] - np.array(service_points(cs2))
    queued = np.exp(-np.asarray(slack)[..., None] * np.maximum(left, 0)).mean(axis=-1)
    return np.asarray((1 - waiting) * (left < 0).mean(axis=-1) + waiting * queued)


def service_tail(t: float, cs2: float = 1.0) -> float:
    """P(service > t)."""
    if cs2 == 1:
        return exp(-t) if t > 0 else 1.0
    points = service_points(cs2)
    return sum(point > t for point in points) / len(points)


def quantiles(servers: int, load: Floats, ca2: float = 1.0, cs2: float = 1.0) -> Floats:
    """Response times that the shares QUANTILES of the requests stay below: shape (len(load), 4). Bisection."""
    waiting, slack = _waiting(servers, load)[:, None], (servers - load)[:, None] * _slower(ca2, cs2)
    beyond = 1 - np.array(QUANTILES)[None, :]
    low, high = np.zeros((len(load), 4)), np.full((len(load), 4), 1.0) * (20 + 10 / slack)
    for _ in range(35):
        middle = (low + high) / 2
        above = response_tail(middle, waiting, slack, cs2) > beyond
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


@lru_cache(maxsize=64)
def table(servers: int, ca2: float = 1.0, cs2: float = 1.0) -> tuple[Row, ...]:
    """Rows (p50, p90, p95, p99, mean response, probability to wait) at evenly spaced utilisations; see `look_up`."""
    load = servers * np.linspace(0, FULLEST, GRID + 1)
    waiting = _waiting(servers, load)
    mean = 1 + waiting / (servers - load) * (ca2 + cs2) / 2
    columns = np.column_stack([quantiles(servers, load, ca2, cs2), mean, waiting])
    return tuple((p50, p90, p95, p99, m, w) for p50, p90, p95, p99, m, w in columns.tolist())


def look_up(rows: tuple[Row, ...], utilisation: float) -> Row:
    """The table's row at `utilisation`, interpolated. Written out, since it is asked for each stretch of time."""
    place = utilisation / FULLEST * GRID
    if place >= GRID:
        return rows[GRID]
    below = int(place)
    x = place - below
    a0, a1, a2, a3, a4, a5 = rows[below]
    b0, b1, b2, b3, b4, b5 = rows[below + 1]
    return (
        a0 + x * (b0 - a0),
        a1 + x * (b1 - a1),
        a2 + x * (b2 - a2),
        a3 + x * (b3 - a3),
        a4 + x * (b4 - a4),
        a5 + x * (b5 - a5),
    )


@lru_cache(maxsize=16)
def service_points(cs2: float) -> tuple[float, ...]:
    """Equally likely service times with mean 1 and about this variation: a log-normal's, all 1 for 0."""
    sigma = sqrt(log1p(cs2))
    normal = NormalDist()
    edges = [0.0, *(normal.cdf(normal.inv_cdf(k / _POINTS) - sigma) for k in range(1, _POINTS)), 1.0]
    return tuple((high - low) * _POINTS for low, high in pairwise(edges))  # the mean within each part


def _slower(ca2: float, cs2: float) -> float:
    """What the rate at which a wait ends is multiplied with."""
    return 2 / max(ca2 + cs2, 1e-9)


def _blocking(servers: int, load: Floats) -> Floats:
    blocking = np.ones_like(load)
    for k in range(1, servers + 1):
        blocking = load * blocking / (k + load * blocking)
    return blocking


def _waiting(servers: int, load: Floats) -> Floats:
    blocking = _blocking(servers, load)
    return np.asarray(blocking / (1 - load / servers * (1 - blocking)))
