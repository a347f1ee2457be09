"""A population, taken apart into cohorts: who asks whom, and what all of them make together."""

from __future__ import annotations

from numpy.random import Generator

from sim.clock import ms
from sim.cohorts import Caches, Cohort, Restless, Source, Steady
from sim.giants import Giants, zipf
from sim.population import ClientsSpec, behind, layered
from sim.renewals import STEP, Renewals

Lives = tuple[int, int]
"""ms that an answer lives which names green, and one which names blue."""


class Crowd:
    """All cohorts. With the same `lives`, closed forms; else caches renew at a pace that depends on their answer."""

    def __init__(self, spec: ClientsSpec, lives: Lives, p: float, rng: Generator) -> None:
        dice, luck = rng.spawn(2)  # what giants throw must not depend on how often others draw
        self._lives, self._p, self._luck = lives, p, luck
        self._source: Source = self._caches(spec, lives)
        self._followers = self._following(spec)
        self._connections = self._renewing(spec.connected, ms(spec.connection))
        if self._connections:
            self._followers.append(self._connections)
        self._plain = self._asking(spec, dice)
        self._all: list[Cohort] = [self._source, *self._plain, *self._followers]
        even = lives[0] == lives[1] and not self._followers
        self._step = 0 if even else min([STEP, *(life for life in lives if life)])

    def settled(self, p: float) -> bool:
        """Whether nothing changes any more, as long as the answers do not."""
        return all(cohort.settled(p) for cohort in self._all)

    def advance(self, length: int, p: float) -> float:
        """The mean share of requests to blue over the next `length` ms, with fresh answers blue with probability p."""
        if not self._step or length <= self._step:
            return self._stretch(length, p)
        total, left = 0.0, length
        while left > 0:
            part = min(left, self._step)
            total += part * self._stretch(part, p)
            left -= part
        return total / length

    def now(self) -> float:
        return sum(cohort.now() for cohort in self._all)

    def rest(self, length: int) -> None:
        for cohort in self._all:
            cohort.rest(length)

    def cut(self, blue: bool) -> None:
        """All connections to blue (or all to green) break."""
        if self._connections:
            self._connections.cut(blue, self._source.says())

    def _stretch(self, length: int, p: float) -> float:
        mean = self._source.advance(length, p)
        for cohort in self._plain:
            mean += cohort.advance(length, p)
        if self._followers:
            said = self._source.said(length)
            for follower in self._followers:
                mean += follower.advance(length, said)
        return mean

    def _caches(self, spec: ClientsSpec, lives: Lives) -> Source:
        """Small caches; with a fixed life, together with those who keep for longer what these said."""
        users = spec.small + spec.connected + sum(share for share, _ in layered(spec))
        caches = max(1.0, spec.count * users / spec.per_cache)
        if lives[0] != lives[1]:
            return Renewals(spec.small, lives, self._p, self._luck, caches=caches, gap=ms(spec.gap))
        life = lives[0]
        terms = behind(spec, spec.small, (), life)
        for share, kept in layered(spec):
            terms += behind(spec, share, (kept,), life)
        if not life:  # nothing is kept: the largest resolver passes on a fresh answer to each
            terms.append((spec.large, ()))
        period = life + ms(spec.gap) + spec.waiting
        own = behind(spec, 1.0, (), life)
        return Caches(terms, own, self._p, self._luck, caches=caches, period=period)

    def _following(self, spec: ClientsSpec) -> list[Renewals]:
        """Who keeps for longer what small caches of uneven lives said."""
        if self._lives[0] == self._lives[1]:
            return []
        made = [self._renewing(share, kept) for share, kept in layered(spec)]
        return [one for one in made if one]

    def _renewing(self, share: float, kept: float) -> Renewals | None:
        return Renewals(share, (kept, kept), self._source.says(), self._luck) if share else None

    def _asking(self, spec: ClientsSpec, dice: Generator) -> list[Cohort]:
        """Who asks the authoritative servers itself, besides small caches."""
        cohorts: list[Cohort] = []
        p, caches = self._p, spec.count / spec.per_cache
        if spec.shortening:
            cohorts.append(self._shortened(spec, caches * spec.shortening))
        if spec.large and max(self._lives):
            users = zipf(max(1, int(spec.count * spec.large)), spec.resolvers, spec.zipf)
            cohorts.append(Giants(spec.large, users, self._lives, p, dice))
        if spec.stretching:
            cohorts.append(Restless(spec.stretching, caches * spec.stretching, ms(spec.stretch), p, self._luck))
        if spec.never:
            cohorts.append(Steady(spec.never, caches * spec.never, p, self._luck))
        return cohorts

    def _shortened(self, spec: ClientsSpec, caches: float) -> Cohort:
        """Caches that keep nothing for longer than they please."""
        green, blue = (min(life, ms(spec.shortest)) for life in self._lives)
        if green != blue:
            return Renewals(spec.shortening, (green, blue), self._p, self._luck, caches=caches, gap=ms(spec.gap))
        terms = behind(spec, spec.shortening, (), green)
        period = green + ms(spec.gap) + spec.waiting
        return Caches(terms, terms, self._p, self._luck, caches=caches, period=period)
