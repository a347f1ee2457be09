"""The tail: who still reaches the old slot, and the time after which at most x % of requests can.

The expected share is a closed form. Around it there is chance: when the few largest resolvers happen to ask again, and
how many caches stay for long. Nobody who has let go of the old answer gets it back, so the time until a share is
reached is later than t exactly when the share at t is still above it: the law of the share gives the law of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from sim.ages import Endless, Memoryless, survival
from sim.clock import ms
from sim.draws import generator
from sim.giants import zipf
from sim.population import ClientsSpec, parts

SINGLY = 500
"""So many of the largest resolvers are drawn singly; what the others add to chance is as good as normal."""
FOR_EVER = timedelta(days=30)
"""A share that is not reached by then counts as never reached."""
HALVINGS = 45

Floats = NDArray[np.float64]


class Tail:
    """What is left on the old slot once the answers no longer name it.

    Smallest use: `Tail(ClientsSpec(), timedelta(seconds=60)).until(0.01)`.
    """

    def __init__(self, spec: ClientsSpec, ttl: timedelta, before: float = 1.0) -> None:
        """`ttl`: of the record that names the old slot. `before`: the share of answers that did until time 0; from then
        on none do."""
        self._spec, self._before, self._ttl = spec, before, max(1, ms(ttl))
        self._parts = parts(spec, ttl)
        self._others = parts(spec, ttl, large=False)
        users = zipf(10**12, spec.resolvers, spec.zipf)
        sizes = spec.large * np.array(users, dtype=float) / 10**12
        self._sizes, rest = sizes[:SINGLY], sizes[SINGLY:]
        self._rest, self._rest_squared = float(rest.sum()), float((rest**2).sum())

    def expected(self, after: timedelta) -> float:
        """The share of requests that still reach the old slot so long after the change: its mean over all chance."""
        return self._before * survival(self._parts, ms(after))

    def until(self, share: float) -> timedelta | None:
        """When the expected share has fallen to `share`. None: not within `FOR_EVER`."""
        found = _first(lambda t: self._before * survival(self._parts, t), share, 1)
        return _moment(float(found[0]))

    def quantiles(
        self, share: float, chances: Sequence[float] = (0.05, 0.5, 0.95), draws: int = 1000, seed: int = 0
    ) -> tuple[timedelta | None, ...]:
        """By when at most `share` of requests still reach the old slot, with these chances (over seeds of the world).
        From `draws` drawn populations, the same for the same seed. None: later than `FOR_EVER`."""
        times = _first(self._draw(draws, seed), share, draws)
        return tuple(_moment(float(time)) for time in np.quantile(times, chances, method="inverted_cdf"))

    def chance(self, share: float, after: timedelta, draws: int = 1000, seed: int = 0) -> float:
        """The chance that at most `share` of requests still reach the old slot so long after the change."""
        shares = self._draw(draws, seed)(np.full(draws, float(ms(after))))
        return float(np.mean(shares <= share))

    def _draw(self, draws: int, seed: int) -> Callable[[Floats], Floats]:
        """Populations: their shares on the old slot at a time (ms) for each."""
        rng = generator(seed, "tail")
        moments = rng.random((draws, self._sizes.size)) * self._ttl  # when each large resolver asks again
        moments[rng.random(moments.shape) >= self._before] = 0.0  # it named the other slot already
        alike, rest = rng.standard_normal(draws), rng.standard_normal(draws)

        def shares(at: Floats) -> Floats:
            singly = (moments > at[:, None]) @ self._sizes
            return singly + _clip(*self._alike(at), alike) + _clip(*self._smaller(at), rest)

        return shares

    def _alike(self, at: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the share from caches that are many and alike, as a binomial has them. Where all ask by
        the clock there is no chance in it."""
        mean = self._before * survival(self._others, at)
        variance = np.zeros_like(at)
        for part in self._others:
            caches = max(1.0, self._spec.count * part.share / self._spec.per_cache)
            if isinstance(part.age, Memoryless | Endless):
                old = self._before * part.age.survival(at)
                variance += part.share**2 * old * (1 - old) / caches
        return mean, variance

    def _smaller(self, at: Floats) -> tuple[Floats, Floats]:
        """The same from the large resolvers that are not drawn singly."""
        old = self._before * np.clip(1 - at / self._ttl, 0.0, 1.0)
        return self._rest * old, self._rest_squared * old * (1 - old)


def _clip(mean: Floats, variance: Floats, luck: Floats) -> Floats:
    return np.maximum(0.0, mean + luck * np.sqrt(variance))


def _first(shares: Callable[[Floats], Floats], share: float, count: int) -> Floats:
    """When falling shares first are at most `share`, in ms; infinite if not within `FOR_EVER`."""
    low, high = np.zeros(count), np.full(count, float(ms(FOR_EVER)))
    never = shares(high) > share
    at_once = shares(low) <= share
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = shares(middle) > share
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(never, np.inf, np.where(at_once, 0.0, high))


def _moment(time: float) -> timedelta | None:
    return None if time == np.inf else timedelta(milliseconds=int(np.ceil(time - 1e-3)))
