"""Real caching resolvers on the loopback, with weighted answers behind them, against the model's prediction.

The page tells of a recorded run, since real time never gives the same counts twice; `python -m validation --measure`
makes a new record, and fails clearly when a program is not installed. The test runs the programs anew each time.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from math import sqrt

from bluegreen.model import Slot
from sim.clients import Clients, ClientsSpec
from sim.draws import generator
from validation.hits import HONEST, jung
from validation.lab.experiment import NAMES, PROCESSES, SHARE, TTL
from validation.lab.programs import PROGRAMS, Program
from validation.lab.record import BIN, Record, load, record, save
from validation.lab.seconds import hit_rate, mean_life, still_old
from validation.page import Section, Table
from validation.plots import FAULT, STALE, Axis, Plot, Series, percent

SHOWN = 3.0
"""The rate whose curve is drawn."""


def measure() -> None:
    """Run all programs and keep what they showed."""
    missing = [program for program in PROGRAMS if program.path is None]
    if missing:
        names, packages = ", ".join(p.name for p in missing), " ".join(p.package for p in missing)
        sys.exit(f"not installed: {names}; on Debian: apt-get install {packages}")
    save(record(program) for program in PROGRAMS)


def ends(program: Program) -> int:
    """Whole seconds after which its answers end."""
    return TTL + program.extra


def ours(rate: float, life: float, t: float) -> float:
    """`Clients`: the share of requests that get the old answer t seconds after a change."""
    spec = ClientsSpec.model_validate({"gap": timedelta(seconds=1 / rate), **HONEST})
    clients = Clients(spec, timedelta(seconds=life), {Slot.BLUE: 1.0, Slot.GREEN: 0.0}, generator(1, "resolver"))
    clients.advance(max(1, round(t * 1000)), 0.0)
    return clients.share()[Slot.BLUE]


def section() -> Section:
    tables, plots, off_hits, off_old, off_spread = [], [], 0.0, 0.0, 0.0
    records = {one.program: one for one in load()}
    for program in PROGRAMS:
        if program.name not in records:
            continue
        one = records[program.name]
        hits, worst = _hits(program, one)
        off_hits = max(off_hits, worst)
        old, worst = _old(program, one)
        off_old = max(off_old, worst)
        off_spread = max(off_spread, worst_spread(one))
        tables += [hits, old, _spread(one)]
        plots.append(_plot(program, one))
    versions = " and ".join(f"{one.program} {one.version}" for one in records.values())
    return Section(
        "Real resolvers",
        f"{versions or 'No program'}, {PROCESSES} processes each on the loopback, in front of a small authority that "
        f"draws each answer by weight, TTL {TTL} s; simulated users ask over UDP at Poisson moments, 0.1 to 10 times a "
        "second and cache, for some 20 s, while all answers change back and forth. A name in one process is one cache "
        "of the model. The figures are of a recorded run (`docs/validation/resolver.json`): real time never gives the "
        "same counts twice, and this page must. The slow tests run both programs anew and hold them to the same "
        "predictions.",
        tables or (Table(("program",), [("never measured: run `python -m validation --measure`",)]),),
        f"{off_hits:.1f} standard errors in a hit rate, {off_old:.1f} in a share of old answers, {off_spread:.1f} in "
        "the spread of a share, all against whole-second prediction.",
        "Real caches do what the model says, but for one thing: they count whole seconds. unbound keeps an answer up "
        "to a second longer than its TTL, dnsmasq up to a second less. The model keeps it for the TTL exactly; with "
        "the TTL of 60 s of a balancer that is 1 % of a TTL, with this TTL of 2 s it is plain to see, so the TTL "
        "alone misses by up to half a TTL. Not seen here: forwarders behind each other, several caches behind one "
        "address, prefetching and serving stale answers (off here).",
        plots,
    )


def errors_of_hits(program: Program, one: Record) -> dict[float, float]:
    """By rate: how many standard errors the hit rate is from what whole seconds predict."""
    found = {}
    for rate in NAMES:
        asked, fetched = one.hits[f"{rate:g}"]
        expected = hit_rate(rate, ends(program))
        found[rate] = abs(1 - fetched / asked - expected) / sqrt(expected * (1 - expected) / asked)
    return found


def errors_of_old(program: Program, one: Record, rate: float) -> list[float]:
    """For each point of the curve: how many standard errors it is off. Questions to one cache are alike, so it is
    caches that count: each of them once for each change."""
    caches = NAMES[rate] * PROCESSES * len(one.phases)
    found = []
    for t, asked, old in one.old[f"{rate:g}"]:
        expected = predicted(program, one, rate, t)
        count = min(asked, caches)
        found.append(abs(old / asked - expected) / sqrt(max(expected * (1 - expected), 0.25 / count) / count))
    return found


def predicted(program: Program, one: Record, rate: float, t: float) -> float:
    """Old answers in the bin around t, by whole seconds."""
    moments = [max(0.0, t + BIN * (k - 4.5) / 10) for k in range(10)]
    return sum(still_old(rate, ends(program), moment, one.phases) for moment in moments) / len(moments)


def worst_spread(one: Record) -> float:
    """Standard errors of the worst standard deviation; a sample's has the error sd / sqrt(2 (n - 1))."""
    return max(
        abs(spread - sqrt(SHARE * (1 - SHARE) / int(size))) / (spread / sqrt(2 * (samples - 1)))
        for size, (samples, _, spread) in one.spreads.items()
    )


def _hits(program: Program, one: Record) -> tuple[Table, float]:
    rows = []
    off = errors_of_hits(program, one)
    for rate in NAMES:
        asked, fetched = one.hits[f"{rate:g}"]
        found, expected = 1 - fetched / asked, hit_rate(rate, ends(program))
        rows.append(
            (f"{rate:g}", f"{asked}", f"{fetched}", f"{found:.3f}", f"{expected:.3f}", f"{off[rate]:.1f}",
             f"{jung(rate, TTL):.3f}")
        )  # fmt: skip
    columns = (
        "questions/s",
        "asked",
        "reached the authority",
        "hit rate",
        "whole seconds",
        "standard errors",
        "by the TTL",
    )
    return Table(columns, rows, f"{one.program} {one.version}, hit rate:"), max(off.values())


def _old(program: Program, one: Record) -> tuple[Table, float]:
    worst = max(max(errors_of_old(program, one, rate)) for rate in NAMES)
    points = [point for at, point in enumerate(one.old[f"{SHOWN:g}"]) if at % 2 == 0]
    off = errors_of_old(program, one, SHOWN)[::2]
    life = mean_life(SHOWN, ends(program))
    rows = [
        (f"{t:g}", f"{asked}", f"{old / asked:.3f}", f"{predicted(program, one, SHOWN, t):.3f}", f"{error:.1f}",
         f"{ours(SHOWN, life, t):.3f}", f"{ours(SHOWN, TTL, t):.3f}")
        for (t, asked, old), error in zip(points, off, strict=True)
    ]  # fmt: skip
    columns = (
        "seconds",
        "asked",
        "old answers",
        "whole seconds",
        "standard errors",
        f"model, TTL {life:.2f} s",
        "model, TTL 2 s",
    )
    return Table(columns, rows, f"{one.program}, {SHOWN:g} questions/s, after a change:"), worst


def _spread(one: Record) -> Table:
    rows = [
        (size, f"{samples}", f"{mean:.3f}", f"{spread:.4f} ± {2 * spread / sqrt(2 * (samples - 1)):.4f}",
         f"{sqrt(SHARE * (1 - SHARE) / int(size)):.4f}")
        for size, (samples, mean, spread) in one.spreads.items()
    ]  # fmt: skip
    columns = ("caches", "samples", "mean share", "its standard deviation (2 sd)", "binomial formula")
    return Table(columns, rows, f"{one.program}, users behind so many caches, weight {SHARE:.0%}:")


def _plot(program: Program, one: Record) -> Plot:
    seen = [(t, old / asked) for t, asked, old in one.old[f"{SHOWN:g}"]]
    counts = [min(asked, NAMES[SHOWN] * PROCESSES * len(one.phases)) for _, asked, _ in one.old[f"{SHOWN:g}"]]
    bars = [2 * sqrt(max(share * (1 - share), 0.25 / n) / n) for (_, share), n in zip(seen, counts, strict=True)]
    fine = [k / 40 for k in range(161)]
    life = mean_life(SHOWN, ends(program))
    return Plot(
        f"resolver-{program.name}",
        f"{program.name}: old answers after a change, TTL {TTL} s",
        "the measured shares fall along the line for whole seconds, and away from the line for the TTL alone",
        Axis("seconds after the change", 0, 4),
        percent("questions with the old answer"),
        [
            Series(f"{program.name} (2 sd)", seen, "marks", FAULT, shape="square", error=bars),
            Series("predicted, whole seconds", [(t, predicted(program, one, SHOWN, t)) for t in fine]),
            Series(
                f"our model, TTL {life:.2f} s", [(t, ours(SHOWN, life, t)) for t in fine], colour=STALE, dash=(7, 3)
            ),
            Series(f"our model, TTL {TTL} s", [(t, ours(SHOWN, TTL, t)) for t in fine], colour=STALE, dash=(2, 3)),
        ],
    )
