"""Queue waits: `sim.queueing` and `sim.servers` against Erlang's formula and a simulation of each request."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from sim.queueing import erlang_c, look_up, mean_wait, table
from sim.servers import Servers, ServerSpec
from validation.events import quantile, responses, with_error
from validation.page import Section, Table
from validation.plots import FAULT, Axis, Plot, Series

GOLDEN = ((1, 0.5), (1, 0.9), (2, 1.0), (2, 1.8), (4, 3.0), (8, 6.4), (10, 8.0), (10, 9.0))
TAILS = ((4, 2.0), (4, 3.2), (10, 5.0), (10, 8.0), (10, 9.0))
OTHER = ((1, 0.8, 0.0), (1, 0.8, 4.0), (10, 8.0, 0.0), (10, 8.0, 0.25), (10, 8.0, 4.0))
CURVES = {1: ((1, 0), "circle"), 2: ((7, 3), "square"), 4: ((2, 3), "triangle-up"), 10: ((8, 3, 2, 3), "diamond")}


def erlang(servers: int, load: float) -> tuple[float, float]:
    """Probability to wait and mean wait, from the sum in Erlang's paper, in exact fractions."""
    a = Fraction(str(load))
    last = a**servers / factorial(servers) * Fraction(servers) / (servers - a)
    waiting = last / (sum((a**k / factorial(k) for k in range(servers)), Fraction(0)) + last)
    return float(waiting), float(waiting / (servers - a))


def section() -> Section:
    golden, formula_error = _golden()
    tails, tail_error = _tails()
    other, other_error = _other()
    return Section(
        "Queue waits",
        "Each machine is a queue with several workers. In the steady range it follows Erlang C (Erlang 1917), worked "
        "out here once more from the sum in exact fractions; the world looks its waits up in tables of 200 steps. "
        "Response times, and services that are not exponential, have no closed form: there the reference is a "
        "simulation of 400,000 requests, one by one. Everything is in units of the mean service time.",
        (golden, tails, other),
        f"{formula_error:.2%} of a mean wait against Erlang; {tail_error:.1%} of a 99th percentile against the "
        f"simulation; {other_error:.0%} of a mean wait where services are not exponential.",
        "Exact for exponential services, within what the simulation can tell. Allen and Cunneen's approximation for "
        "other services errs for several workers, as the third table shows; it is off unless a scenario "
        "asks for it. The formula is one of equilibrium: a queue that has just become busy waits less than this, and "
        "above capacity a fluid queue takes over, which knows no chance.",
        (_plot(),),
    )


def _golden() -> tuple[Table, float]:
    rows, worst = [], 0.0
    for servers, load in GOLDEN:
        waiting, wait = erlang(servers, load)
        ours = look_up(table(servers), load / servers)[4] - 1
        worst = max(worst, abs(ours / wait - 1), abs(mean_wait(servers, load) / wait - 1))
        simulated, error = with_error(responses(servers, load, 1.0, 1)[0])
        rows.append(
            (f"{servers}", f"{load:g}", f"{erlang_c(servers, load):.6f}", f"{waiting:.6f}", f"{ours:.4f}",
             f"{wait:.4f}", f"{simulated:.3f} ± {2 * error:.3f}")
        )  # fmt: skip
    columns = ("workers", "load", "P(wait), ours", "Erlang", "mean wait, ours (table)", "Erlang", "simulated (2 sd)")
    return Table(columns, rows, "Probability to wait and mean wait, Poisson arrivals, exponential services:"), worst


def _tails() -> tuple[Table, float]:
    rows, worst = [], 0.0
    for servers, load in TAILS:
        row = look_up(table(servers), load / servers)
        times = responses(servers, load, 1.0, 2)[1]
        late_ours, _ = _servers(servers).steady(load / servers, 1.0, 4.0)
        cells = [f"{servers}", f"{load:g}"]
        for share, ours in ((0.5, row[0]), (0.99, row[3])):
            simulated, error = quantile(times, share)
            worst = max(worst, abs(ours / simulated - 1))
            cells += [f"{ours:.3f}", f"{simulated:.3f} ± {2 * error:.3f}"]
        rows.append((*cells, f"{late_ours:.4f}", f"{float((times > 4).mean()):.4f}"))
    columns = ("workers", "load", "p50, ours", "simulated", "p99, ours", "simulated", "P(> 4), ours", "simulated")
    return Table(columns, rows, "Response times:"), worst


def _other() -> tuple[Table, float]:
    rows, worst = [], 0.0
    for servers, load, cs2 in OTHER:
        ours = mean_wait(servers, load, 1.0, cs2)
        simulated, error = with_error(responses(servers, load, cs2, 3)[0])
        worst = max(worst, abs(ours / simulated - 1))
        rows.append(
            (f"{servers}", f"{load:g}", f"{cs2:g}", f"{ours:.3f}", f"{simulated:.3f} ± {2 * error:.3f}",
             f"{ours / simulated - 1:+.1%}")
        )  # fmt: skip
    columns = ("workers", "load", "variation of services", "mean wait, ours", "simulated (2 sd)", "error")
    return Table(columns, rows, "Other service times (squared coefficient of variation; log-normal):"), worst


def _servers(workers: int) -> Servers:
    """Machines whose mean service time is one second."""
    return Servers(ServerSpec(capacity=float(workers), workers=workers))


def _plot() -> Plot:
    lines, marks = [], []
    for servers, (dash, shape) in CURVES.items():
        fine = [0.02 + 0.0095 * k for k in range(100)]
        curve = [(u, erlang(servers, round(u * servers, 6))[1]) for u in fine]
        dots = [(u, look_up(table(servers), u)[4] - 1) for u in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)]
        name = f"{servers} worker" + "s" * (servers > 1)
        lines.append(Series(f"Erlang, {name}", curve, dash=dash))
        marks.append(Series(f"ours, {name}", dots, "marks", FAULT, shape=shape, filled=False))
    return Plot(
        "queues",
        "Mean wait by utilisation",
        "waits grow without bound as the utilisation nears one, later with more workers; ours lie on Erlang's lines",
        Axis("utilisation", 0, 1, labels="format(datum.value, '.0%')"),
        Axis("mean wait / mean service", 0.001, 20, log=True, ticks=(0.001, 0.01, 0.1, 1, 10)),
        [*lines, *marks],
    )
