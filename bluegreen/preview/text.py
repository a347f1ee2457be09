"""`bluegreen plan` for people: short, and in the order in which they will ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bluegreen.decide.capacity import show_weights
from bluegreen.model import End
from bluegreen.preview.cost import Cost
from bluegreen.preview.preview import Preview
from bluegreen.registry import kind_of
from bluegreen.units import show_about, show_duration, show_share

MINUTE = timedelta(minutes=1)


def plan_text(seen: Preview) -> str:
    """The whole answer."""
    parts = [_head(seen), _steps(seen), _times(seen), _back(seen), _cost(seen), _calls(seen), _things(seen)]
    if seen.plan.data is not None:
        parts.insert(4, _data(seen))
    return "\n\n".join("\n".join(part) for part in parts)


def rough(length: timedelta) -> str:
    """In minutes; in seconds below ten of them: nobody knows it better."""
    if length < 10 * MINUTE:
        return show_about(length)
    return show_duration(round(length / MINUTE) * MINUTE)


def _head(seen: Preview) -> Iterator[str]:
    plan, live = seen.plan, seen.plan.live.slot
    count = len(seen.steps)
    steps = f"{count} steps" if count > 1 else "one step"
    yield f"{plan.service.record} moves from {live} to {live.other} in {steps}. Nothing is changed now."
    yield f"It takes about {rough(seen.expected)}, at the worst {rough(seen.worst)}."
    if seen.walk.end is not End.SUCCEEDED:
        yield f"But even when nothing goes wrong it comes to: {seen.walk.end or 'no end'} ({seen.walk.why})."
        yield "`bluegreen lint` says more."


def _steps(seen: Preview) -> Iterator[str]:
    rows = [("step", "share", "by chance", "weights", "machines", "hold")]
    for number, step in enumerate(seen.steps, start=1):
        machines = str(step.machines) if seen.cost.counted else f"{step.machines}%"
        upper = f"up to {step.upper:.0%}" if step.upper > step.share else ""
        weights = show_weights(step.weights) if step.weights else "by machines"
        rows.append((str(number), show_share(step.realised), upper, weights, machines, show_duration(step.hold)))
    yield from table(rows)
    whose = "" if seen.cost.counted else f", in percent of {seen.plan.live.slot}'s"
    margin = show_share(seen.plan.candidate.margin)
    candidate = seen.plan.live.slot.other
    yield f"  machines: of {candidate}, healthy before the step{whose}: for that share and {margin} more"


def _times(seen: Preview) -> Iterator[str]:
    rows = [("phase", "expected", "at worst", "")]
    rows += [(str(each.phase), rough(each.expected), rough(each.worst), each.limits) for each in seen.times]
    rows.append(("in all", rough(seen.expected), rough(seen.worst), ""))
    yield from table(rows)
    known = seen.known
    yield (
        f"  expected: machines come in {show_about(known.boot)} (--boot), {_change(seen)};"
        f" {known.rate:,.0f} requests a minute"
        + ("" if known.requests_per_minute else " (a guess; --requests-per-minute)")
    )
    if seen.taken_to_pass:
        yield f"  taken to pass at once: {', '.join(seen.taken_to_pass)}"


def _change(seen: Preview) -> str:
    """How soon a change of who gets what is in place."""
    if seen.plan.traffic.by_dns:
        return f"DNS in {show_about(seen.known.propagation)}"
    return f"the balancer follows in {show_about(seen.plan.traffic.takes(timedelta(0)))}"


def _back(seen: Preview) -> Iterator[str]:
    yield f"The way back is cheap until retire begins, about {rough(seen.last_cheap)} after the start:"
    rows = [(f"{_span(each.phases)}:", each.what) for each in seen.back]
    yield from table(rows)


def _data(seen: Preview) -> Iterator[str]:
    assert seen.plan.data is not None, "asked only then"
    yield f"Its data ({kind_of(seen.plan.data)}):"
    yield from (f"  {said}" for said in seen.plan.data.told(seen.plan))


def _span(phases: Sequence[object]) -> str:
    return str(phases[0]) if len(phases) == 1 else f"{phases[0]} to {phases[-1]}"


def _cost(seen: Preview) -> Iterator[str]:
    cost, live = seen.cost, seen.plan.live.slot
    unit = "machine hours" if cost.counted else f"hours of as many machines as {live} has"
    more = seen.plan.traffic.shared or seen.plan.candidate.kept is not None
    own = "" if more else "; and a balancer's price for that time"
    yield f"Beside what {live} costs anyway: about {cost.expected:.3g} {unit}, at the worst {cost.worst:.3g}{own}."
    expected, worst = cost.money(cost.expected), cost.money(cost.worst)
    if expected is not None and worst is not None:
        yield f"At {cost.price:g} a machine hour: about {expected:.2f}, at the worst {worst:.2f}."
    elif cost.counted:
        yield "With --price (of one machine hour) it is told in money."
    else:
        yield f"With --instances (how many {live} has) and --price it is told in machines and in money."
    if seen.plan.prewarm is not None:
        yield from _reserved(cost)
    if seen.plan.retire == "keep":
        yield f"{live} is kept: it goes on costing until you remove it."


def _reserved(cost: Cost) -> Iterator[str]:
    told = f"Reserved for it: about {cost.reserved:,.0f} LCU hours, at the worst {cost.reserved_worst:,.0f}"
    if cost.unit_price is None:
        yield f"{told}. With --lcu-price (of one for an hour) it is told in money."
    else:
        expected, worst = cost.reserved * cost.unit_price, cost.reserved_worst * cost.unit_price
        yield f"{told}; at {cost.unit_price:g} each about {expected:.2f}, at the worst {worst:.2f}."


def _calls(seen: Preview) -> Iterator[str]:
    calls = seen.calls
    most = ", ".join(f"{count} {service}" for service, count in calls.by_service.items())
    yield f"AWS is asked about {calls.total:,} times in {seen.walk.looks} looks: {most}."
    for quota in calls.quotas:
        service = quota.calls.partition(":")[0]
        if service in calls.busiest and quota.calls.endswith(":"):
            yield (
                f"Of {service}, at most {calls.busiest[service]} calls come between two looks; it allows {quota.burst}"
                f" at once, then {quota.per_second:g} a second ({quota.source})."
            )


def _things(seen: Preview) -> Iterator[str]:
    for title, things in (
        ("It makes", seen.inventory.makes),
        ("It changes", seen.inventory.changes),
        ("It removes", seen.inventory.removes),
    ):
        yield from (f"{title if not number else '':10}  {thing}" for number, thing in enumerate(things))


def table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns as wide as they must be; the last one, and everything, to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
