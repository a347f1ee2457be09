"""How long a record change takes to be with all servers: `sim.dns` against what AWS says, and what nobody does."""

from __future__ import annotations

from math import log
from statistics import NormalDist

import simpy

from bluegreen.model import Slot
from sim.dns import Dns, DnsSpec
from sim.draws import generator
from validation.page import Section, Table
from validation.plots import FAULT, Axis, Plot, Series, percent

CHANGES = 4000
HOUR = 3_600_000
MOMENTS = (10, 20, 30, 45, 60, 90, 120)


def delays() -> list[float]:
    """Seconds from PENDING to INSYNC of changes that do not wait for each other."""
    env = simpy.Environment()
    dns = Dns(DnsSpec(), {Slot.BLUE: 100}, env=env, rng=generator(1, "propagation"))
    found = []
    for number in range(CHANGES):
        dns.change({Slot.BLUE: 100, Slot.GREEN: number % 100})
        found.append((dns.insync_at - env.now) / 1000)
        env.run(until=env.now + HOUR)
    return found


def assumed(t: float) -> float:
    """The log-normal distribution that the defaults stand for."""
    spec = DnsSpec()
    middle = log(spec.propagation.total_seconds()) - spec.spread**2 / 2
    return NormalDist(middle, spec.spread).cdf(log(t))


def section() -> Section:
    found = delays()
    share = {t: sum(delay <= t for delay in found) / CHANGES for t in MOMENTS}
    rows = [(f"{t}", f"{share[t]:.2%}", f"{assumed(t):.2%}", "generally" if t == 60 else "") for t in MOMENTS]
    worst = max(abs(share[t] - assumed(t)) for t in MOMENTS)
    return Section(
        "Propagation, and what else is assumed",
        "A change is PENDING until all Route 53 servers of the zone have it, \"generally within 60 seconds\" "
        "(API reference, ChangeResourceRecordSets), with occasional longer delays (best practices for DNS). No "
        f"distribution is published. Assumed is a log-normal one with mean 30 s; {CHANGES} changes are compared with "
        "it, which shows that the world does as it says, not that AWS does.",
        (Table(("within (s)", "changes, ours", "the assumed distribution", "AWS says"), rows),),
        f"{worst:.2%} of changes, against our own assumption; there is no other reference.",
        "Not validated: nothing to hold it against. A plan should not depend on it, and the engine does not: it waits "
        "for INSYNC and then for the traffic. Longer delays are a parameter (`dns.late_chance`) and a scenario. All "
        "other numbers of this kind are listed, with their defaults and reasons, in [open points](open-points.md).",
        (_plot(share),),
    )  # fmt: skip


def _plot(share: dict[int, float]) -> Plot:
    return Plot(
        "propagation",
        "Changes that are INSYNC",
        "half of them within 28 s, 97 % within the 60 s that AWS calls general",
        Axis("seconds since the change", 0, 120, ticks=(0, 30, 60, 90, 120)),
        percent("share of changes"),
        [
            Series("assumed: log-normal, mean 30 s", [(t, assumed(t)) for t in range(1, 121)]),
            Series("ours", list(share.items()), "marks", FAULT, filled=False),
            Series("\"generally within 60 seconds\"", [(60, 0), (60, 1)], dash=(2, 3)),
        ],
    )  # fmt: skip
