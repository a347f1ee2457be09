"""The spread of realised shares: resolvers in `Clients` against the binomial formula."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt

import numpy as np

from bluegreen.model import Slot
from sim.clients import Clients, ClientsSpec
from sim.draws import generator
from validation.page import Section, Table
from validation.plots import GREEN, Axis, Plot, Series

SHARE, TTL = 0.1, 60
WINDOWS = 3000
ALIKE = (1, 5, 10, 25, 100, 1000)


def formula(share: float, sizes: list[float]) -> float:
    """Standard deviation of the share, one draw for each resolver with that part of the traffic: the number of draws
    counts as N = 1 / sum of squares."""
    return sqrt(share * (1 - share) * sum(size * size for size in sizes))


def uncertainty(share: float, sizes: list[float]) -> float:
    """The standard error of a standard deviation from WINDOWS samples, as a part of it: fewer, larger resolvers have
    longer tails."""
    peaked = (1 / (share * (1 - share)) - 6) * sum(s**4 for s in sizes) / sum(s * s for s in sizes) ** 2
    return sqrt((peaked + 2) / (4 * WINDOWS))


def ours(spec: ClientsSpec) -> tuple[float, float]:
    """Mean and standard deviation of the share to green, looked at once in each TTL."""
    answers = {Slot.BLUE: 1 - SHARE, Slot.GREEN: SHARE}
    clients = Clients(spec, timedelta(seconds=TTL), answers, generator(3, f"spread/{spec.resolvers}/{spec.zipf}"))
    shares = []
    for _ in range(WINDOWS):
        clients.advance(TTL * 1000, answers[Slot.BLUE])
        shares.append(clients.share()[Slot.GREEN])
    return float(np.mean(shares)), float(np.std(shares))


def section() -> Section:
    rows, worst, sigmas, marks = [], 0.0, 0.0, []
    for name, spec, sizes in _populations():
        mean, spread = ours(spec)
        expected = formula(SHARE, sizes)
        worst = max(worst, abs(spread / expected - 1))
        sigmas = max(sigmas, abs(spread / expected - 1) / uncertainty(SHARE, sizes))
        effective = 1 / sum(size * size for size in sizes)
        marks.append((effective, spread))
        rows.append(
            (
                name,
                f"{effective:.1f}",
                f"{mean:.4f}",
                f"{spread:.4f}",
                f"{expected:.4f}",
                f"{spread / expected - 1:+.1%} ± {2 * uncertainty(SHARE, sizes):.1%}",
            )
        )
    columns = ("resolvers", "N, effective", "mean share", "its sd, ours", "formula", "error (2 sd)")
    return Section(
        "Spread of the realised share",
        f"A weight of {SHARE:.0%} is a distribution: each resolver draws one answer per TTL for all its users. With "
        "parts s of the traffic the effective number of draws is N = 1 / Σs², and the share spreads with standard "
        "deviation sqrt(p(1 - p) / N), the binomial formula. Ours was looked at once per TTL, "
        f"{WINDOWS:,} times.",
        (Table(columns, rows),),
        f"{worst:.1%} of a standard deviation, {sigmas:.1f} standard errors of the sample.",
        "Exact for resolvers that ask at their own moments. How large real resolvers are for your users is yours to "
        "know; 20 large ones with 30 % of users are assumed. A public resolver is many caches behind one name: the "
        "model takes it for one, so it is rather too lumpy than too smooth.",
        (_plot(marks),),
    )


def _populations() -> list[tuple[str, ClientsSpec, list[float]]]:
    alone = {"large": 1.0, "clamping": 0.0, "stretching": 0.0}
    found = [
        (f"{count} alike", ClientsSpec.model_validate({**alone, "resolvers": count, "zipf": 0.0}), [1 / count] * count)
        for count in ALIKE
    ]
    for exponent in (1.0, 2.0):
        weights = [rank**-exponent for rank in range(1, 21)]
        spec = ClientsSpec.model_validate({**alone, "resolvers": 20, "zipf": exponent})
        found.append((f"20, n-th with 1/n^{exponent:g}", spec, [weight / sum(weights) for weight in weights]))
    return found


def _plot(marks: list[tuple[float, float]]) -> Plot:
    line = [(n, sqrt(SHARE * (1 - SHARE) / n)) for n in (1, 1000)]
    return Plot(
        "spread",
        f"Standard deviation of a share of {SHARE:.0%}",
        "it falls as one over the root of the number of resolvers; ours lie on the line",
        Axis("effective number of resolvers", 0.9, 1100, log=True, ticks=(1, 10, 100, 1000)),
        Axis("standard deviation", 0.005, 0.4, log=True, ticks=(0.01, 0.03, 0.1, 0.3)),
        [Series("binomial formula", line), Series("ours", marks, "marks", GREEN, shape="square", filled=False)],
    )
