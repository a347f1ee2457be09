"""Users behind DNS caches, counted and not simulated one by one.

Clients that are alike form a cohort; those whose cached answer ends in a tick draw a new one together, in one
binomial draw. That is exact in distribution, and costs the same for three thousand and three billion clients.
Large resolvers, whose single answer moves many users, are drawn one by one: that is why shares are lumpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import exp
from typing import Self

from numpy.random import Generator
from pydantic import Field, model_validator

from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration
from sim.cohorts import Cohort, Giants, Restless, Ring, Steady, zipf


class ClientsSpec(Spec):
    """Who the users are, in shares of all clients; who is in no other share is well-behaved behind small caches.

    The defaults give what was measured in 2014: with a TTL of 20 s about 90 % have moved after 60 s, and 2 % have
    not after 15 minutes (Flavel, Mani, Maltz, IEEE LANMAN 2014). Order of magnitude only.
    """

    count: int = Field(3_000_000, ge=1, le=10**12)
    large: Share = 0.30
    """Behind large resolvers, which ask again when the TTL is over, for all their users at once. Assumed."""
    resolvers: int = Field(20, ge=1, le=100_000)
    """How many large resolvers there are. Assumed."""
    zipf: float = Field(1.0, ge=0)
    """The n-th largest has 1/n^zipf times the users of the largest. 0: all alike."""
    clamping: Share = 0.10
    """Keep what their resolver said for `clamp`, whatever its TTL (Chromium: 60 s). Assumed share."""
    clamp: PositiveDuration = parse_duration("60s")
    stretching: Share = 0.11
    """Ask again when they please, on average after `stretch`: fitted to the two figures above."""
    stretch: PositiveDuration = parse_duration("522s")
    never: Share = 0.0
    """Never ask again: pinned answers, endless connections."""
    gap: Duration = timedelta(0)
    """Mean gap between requests through one cache. Above zero, a share TTL/(TTL + gap) of requests finds a cached
    answer (Jung, Berger, Balakrishnan, INFOCOM 2003); zero, the slowest case: all do."""

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        special = self.large + self.clamping + self.stretching + self.never
        if special > 1 + 1e-9:
            raise ValueError(f"large, clamping, stretching and never add up to {special:.0%}, more than 100%")
        return self


class Clients:
    """All users of the service."""

    def __init__(
        self, spec: ClientsSpec, ttl: timedelta, tick: timedelta, answers: Mapping[Slot, float], rng: Generator
    ) -> None:
        """In steady state under `answers`. Cached answers end on whole ticks."""
        self.spec, self._ttl, self._tick = spec, ttl, tick
        self._answers = dict(answers)
        self._unchanged: timedelta | None = None  # since the answers last changed; None: they never did
        self._hits = 1.0 if not spec.gap else ttl / (ttl + spec.gap)
        sizes = self._sizes()
        blue = answers[Slot.BLUE]
        self._small = Ring(sizes["small"], ttl, tick, blue, rng)
        self._clamped = Ring(sizes["clamping"], spec.clamp, tick, blue, rng)
        self._large = Giants(zipf(sizes["large"], spec.resolvers, spec.zipf), ttl, tick, blue, rng)
        self._restless = Restless(sizes["stretching"], spec.stretch, tick, blue, rng)
        self._steady = Steady(sizes["never"], blue, rng)

    @property
    def cohorts(self) -> tuple[Cohort, ...]:
        return (self._small, self._clamped, self._large, self._restless, self._steady)

    def step(self, answers: Mapping[Slot, float]) -> None:
        """One tick, during which the servers give `answers`."""
        if self._unchanged is not None:
            self._unchanged += self._tick
        if answers != self._answers:
            self._answers, self._unchanged = dict(answers), self._tick
        blue = answers[Slot.BLUE]
        resolved = self._small.blue / self._small.size if self._small.size else blue
        self._clamped.step(resolved)  # a browser asks its resolver, whose answer may be up to a TTL old
        self._small.step(blue)
        self._large.step(blue)
        self._restless.step(blue)

    def counts(self) -> dict[Slot, int]:
        """How many clients hold an answer that names each slot."""
        blue = sum(cohort.blue for cohort in self.cohorts)
        return {Slot.BLUE: blue, Slot.GREEN: self.spec.count - blue}

    def share(self) -> dict[Slot, float]:
        """The share of requests that goes to each slot now."""
        cached = sum(cohort.blue for cohort in self.cohorts) / self.spec.count
        blue = self._hits * cached + (1 - self._hits) * self._answers[Slot.BLUE]
        return {Slot.BLUE: blue, Slot.GREEN: 1 - blue}

    def stale(self) -> float:
        """The share of clients whose answer is older than the TTL and from before the answers last changed:
        those who ignore the TTL. Expected value."""
        if self._unchanged is None:
            return 0.0
        oldest = max(self._unchanged, self._ttl)
        clamped = max(timedelta(0), self._ttl + self.spec.clamp - oldest) / (self._ttl + self.spec.clamp)
        restless = self.spec.stretching * exp(-(oldest / self.spec.stretch))
        return self.spec.never + restless + self.spec.clamping * clamped

    def _sizes(self) -> dict[str, int]:
        spec = self.spec
        names = {"large": spec.large, "clamping": spec.clamping, "stretching": spec.stretching, "never": spec.never}
        sizes = {name: int(spec.count * share + 1e-6) for name, share in names.items()}
        return {**sizes, "small": spec.count - sum(sizes.values())}
