"""Who the users are: in which shares, behind which caches, and what that means for old answers.

To describe users of one's own, measure (or assume) two figures as Flavel, Mani and Maltz did: the shares of requests
that follow an old answer a minute, and a quarter of an hour, after a change. `calibrate` turns them into `stretching`
and `stretch`; `sim/tail.py` tells what follows from a population.
"""

from __future__ import annotations

from datetime import timedelta
from math import exp, log
from typing import Self

from pydantic import Field, model_validator

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration
from sim.ages import Age, Endless, Layers, Memoryless, Part, survival
from sim.clock import ms
from sim.history import Term
from sim.machines import ZONES

SPECIAL = ("large", "clamping", "runtimes", "shortening", "stretching", "connected", "never")


class ClientsSpec(Spec):
    """Who the users are, in shares of all requests; who is in no other share is well-behaved behind small caches.

    The defaults give what was measured in 2014: with a TTL of 20 s, 90 % of requests have moved after 60 s, and 2 %
    have not after 15 minutes (Flavel, Mani, Maltz, IEEE LANMAN 2014; the second figure counts users, so this is right
    in order of magnitude only).
    """

    count: int = Field(3_000_000, ge=1, le=10**12)
    per_cache: float = Field(10.0, ge=1)
    """Users behind one small cache: fewer caches make the share of a weight noisier. Assumed; sharing a cache among
    more than 10 to 20 clients adds little (Jung, Sit, Balakrishnan, Morris 2002)."""
    large: Share = 0.30
    """Behind large resolvers, which ask again when the TTL is over, for all their users at once. Assumed."""
    resolvers: int = Field(20, ge=1, le=100_000)
    """How many large resolvers there are. Assumed."""
    zipf: float = Field(1.0, ge=0)
    """The n-th largest has 1/n^zipf times the users of the largest. 0: all alike."""
    clamping: Share = 0.10
    """Browsers that keep what their resolver said for `clamp`, whatever its TTL (Chromium: 60 s). Assumed share."""
    clamp: PositiveDuration = parse_duration("60s")
    runtimes: Share = 0.0
    """Runtimes that keep what their resolver said for `runtime`: a JVM, 30 s. An old one with a Security Manager
    keeps it for ever: that is `never`. 0 by default: users have browsers."""
    runtime: PositiveDuration = parse_duration("30s")
    shortening: Share = 0.0
    """Behind resolvers that keep no answer for longer than `shortest`: EC2's were seen cutting to 60 s (SIDN Labs)."""
    shortest: PositiveDuration = parse_duration("60s")
    stretching: Share = 0.092
    """Behind resolvers that ask again when they please, on average after `stretch`: fitted to the two figures above by
    `calibrate`. Another study found 8.74 % of resolvers to extend TTLs (Bhowmick et al., PAM 2023)."""
    stretch: PositiveDuration = parse_duration("590s")
    connected: Share = 0.0
    """Keep a busy connection and use it for `connection`, whatever DNS says meanwhile. What was measured holds those of
    its time already, in the tail that `stretching` stands for; so 0 by default."""
    connection: PositiveDuration = parse_duration("1h")
    """An application balancer closes a busy connection after an hour (client_keep_alive.seconds), an idle one after
    60 s (idle_timeout)."""
    never: Share = 0.0
    """Never ask again: pinned answers, runtimes that cache for ever."""
    gap: Duration = timedelta(0)
    """Mean gap between requests through one small cache. Above zero, a share TTL/(TTL + gap) of requests finds a cached
    answer (Jung, Berger, Balakrishnan, INFOCOM 2003); zero, the slowest case: all do."""
    failing: Share = Field(0.0, lt=1)
    """Share of small caches' lookups that get no answer: who is behind them then makes no requests for `negative`. Of
    lookups for all sorts of names, 23 % got no answer and 13 % an error (Jung, Sit, Balakrishnan, Morris 2002)."""
    negative: PositiveDuration = parse_duration("10s")
    """How long caches remember that there was no answer (a JVM: 10 s; Chromium: not at all)."""
    zoned: Share = 0.0
    """Inside the region, a third in each Availability Zone: their resolver and their way to the service lie there, and
    while the zone is lost nobody hears of them. In all other respects they are like the rest. 0 by default: users are
    outside."""

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        special = self.special
        if special > 1 + 1e-9:
            raise ValueError(f"{', '.join(SPECIAL[:-1])} and never add up to {special:.0%}, more than 100%")
        return self

    @property
    def special(self) -> float:
        """The share of all who are not simply well-behaved behind small caches."""
        return float(sum(getattr(self, name) for name in SPECIAL))

    @property
    def small(self) -> float:
        """The share of the well-behaved behind small caches."""
        return max(0.0, 1 - self.special)

    def hits(self, life: float) -> float:
        """The share of requests to a small cache that find an answer, which lives for `life` ms: λT/(1 + λT)."""
        gap = ms(self.gap)
        return life / (life + gap) if gap else 1.0

    @property
    def waiting(self) -> float:
        """Mean ms that a small cache waits, for each answer that it gets, since lookups failed."""
        return ms(self.negative) * self.failing / (1 - self.failing)

    def unresolved(self, ttl: timedelta, lost: int = 0) -> float:
        """The share of all requests that nobody hears of, in equilibrium: of users behind small caches who have no
        answer at all, and of users in the `lost` zones."""
        period = ms(ttl) + ms(self.gap) + self.waiting
        waiting = self.small * self.waiting / period if period else 0.0
        cut_off = self.zoned * lost / len(ZONES)
        return cut_off + (1 - cut_off) * waiting


def behind(spec: ClientsSpec, share: float, lives: tuple[float, ...], life: float) -> list[Term]:
    """Views through the layers `lives` on top of small caches, in which answers live for `life` ms."""
    hits = spec.hits(life)
    terms = [(share * hits, (*lives, life)), (share * (1 - hits), lives)]
    return [term for term in terms if term[0] > 0]


def layered(spec: ClientsSpec) -> list[tuple[float, float]]:
    """Who keeps for some ms, of a fixed clock, what a small cache said. Connections are told apart: they can be cut."""
    return [(spec.clamping, ms(spec.clamp)), (spec.runtimes, ms(spec.runtime))]


def parts(spec: ClientsSpec, ttl: timedelta, *, large: bool = True) -> tuple[Part, ...]:
    """The population by the ages of its answers, as expected. Large resolvers are drawn singly around that; without
    `large`, they are left out."""
    life, short = ms(ttl), min(ms(ttl), ms(spec.shortest))
    terms = behind(spec, spec.small, (), life) + behind(spec, spec.shortening, (), short)
    for share, kept in [*layered(spec), (spec.connected, ms(spec.connection))]:
        terms += behind(spec, share, (kept,), life)
    ages: list[tuple[float, Age]] = [(share, Layers(lives)) for share, lives in terms]
    ages += [(spec.stretching, Memoryless(ms(spec.stretch))), (spec.never, Endless())]
    if large:
        ages.append((spec.large, Layers((life,))))
    return tuple(Part(share, age) for share, age in ages if share > 0)


Point = tuple[timedelta, float]
"""So long after a change, this share of requests follows the old answer."""

FLAVEL: tuple[Point, Point] = ((timedelta(seconds=60), 0.10), (timedelta(seconds=900), 0.02))
FLAVEL_TTL = timedelta(seconds=20)


def calibrate(
    spec: ClientsSpec, ttl: timedelta = FLAVEL_TTL, measured: tuple[Point, Point] = FLAVEL
) -> tuple[float, timedelta]:
    """`stretching` and `stretch` such that the population meets two measured points, in closed form: what others leave
    at these times is taken off, and an exponential laid through the rest. Both points must be so late that those who
    keep to the TTL are gone. Raises ValueError when nothing is left to fit, or it does not fall."""
    others = parts(spec.model_copy(update={"stretching": 0.0}), ttl)
    if any(spec.hits(ms(ttl)) and ms(when) < ms(ttl) for when, _ in measured):
        raise ValueError("both measured points must lie after the TTL")
    (early, much), (late, little) = measured
    much, little = (left - survival(others, ms(when)) for when, left in ((early, much), (late, little)))
    if not 0 < little < much:
        raise ValueError("the rest of the population already explains more than what was measured")
    mean = (late - early) / log(much / little)
    return much * exp(early / mean), mean
