"""What theory says of DNS caches: hit rates, old answers, spread of shares, distortion by unequal TTLs.

Rates are in requests per second through one cache, TTLs and times in seconds. Sources: Jung, Berger, Balakrishnan,
*Modeling TTL-based Internet caches*, INFOCOM 2003 (hit rate); the rest follows from independent answers to each query.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt


def hit_rate(rate: float, ttl: float) -> float:
    """The share of requests that find a cached answer, when they come at random: H = λT/(1 + λT)."""
    return hits_per_miss(rate * ttl)


def hit_rate_of_regular(gap: float, ttl: float) -> float:
    """The same when requests come exactly every `gap` seconds. One at the moment of expiry misses."""
    return hits_per_miss(ceil(round(ttl / gap, 9)) - 1)


def hits_per_miss(arrivals: float) -> float:
    """The same for any independent gaps: H = M/(1 + M), with M = mean number of requests in a TTL after a miss."""
    return arrivals / (1 + arrivals)


def queries(rate: float, ttl: float) -> float:
    """Queries per second that the authoritative servers see from one cache: λ/(1 + λT)."""
    return rate / (1 + rate * ttl)


def still_old(rate: float, ttl: float, after: float) -> float:
    """The share of requests through an honest cache that follow the old answer `after` seconds after a change:
    H·(1 - t/T), and nothing from the TTL on."""
    return hit_rate(rate, ttl) * max(0.0, 1 - after / ttl)


def effective_draws(shares: Sequence[float]) -> float:
    """As many equal resolvers would make shares as lumpy as resolvers with these shares of the users: 1/Σs²."""
    total = sum(shares)
    return total * total / sum(share * share for share in shares)


def spread(p: float, draws: float) -> float:
    """Standard deviation of the realised share in one TTL, when `draws` equal resolvers draw an answer each."""
    return sqrt(p * (1 - p) / draws)


def distorted(weights: Sequence[float], ttls: Sequence[float], rate: float | None = None) -> list[float]:
    """The shares of requests that records really get when their TTLs differ: in proportion to w·(1 + λT), since an
    answer that lives longer is used more often. `rate` None: busy caches, w·T."""
    used = [ttl if rate is None else 1 + rate * ttl for ttl in ttls]
    parts = [weight * each for weight, each in zip(weights, used, strict=True)]
    total = sum(parts)
    return [part / total for part in parts]
