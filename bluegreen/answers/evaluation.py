"""Health in, shares out: Route 53's rules for a tree of groups.

Route 53 draws a record by the policy and draws again while the record is unhealthy; over many queries that is the
policy over the healthy records. Zero weights are considered only when every other record is unhealthy. When no record
is healthy, all of them are taken for healthy and the policy decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bluegreen.answers.records import NotAnswerable, normal
from bluegreen.answers.tree import Choice, Endpoint, Tree

Known = Mapping[str, bool] | Callable[[str], bool]
"""Who is healthy, by id or name."""


def all_healthy(_: str) -> bool:
    """For those who ask about ordinary days."""
    return True


def known(health: Known, wanted: tuple[str, ...], what: str) -> tuple[bool, ...]:
    """The health of each one wanted. Raises NotAnswerable when a mapping lacks one."""
    if not wanted:
        return ()
    if callable(health):
        return tuple([bool(health(name)) for name in wanted])
    if not all(name in health for name in wanted):
        health = {normal(name) if what == "alias target" else name: well for name, well in health.items()}
        lacking = [name for name in wanted if name not in health]
        if lacking:
            raise NotAnswerable(
                f"the health of {what} {lacking[0]} matters here and was not given; given:"
                f" {', '.join(sorted(health)) or 'none'}"
            )
    return tuple(bool(health[name]) for name in wanted)


def evaluate(tree: Tree, state: tuple[bool, ...]) -> dict[Endpoint, float]:
    """The shares at the tree's top. `state`: the health of its checks, then of its targets. Pure and linear in the
    number of records."""
    targets = state[len(tree.checks) :]
    well: list[bool] = []
    shares: list[dict[Endpoint, float]] = []
    for group in tree.groups:
        healthy = [_healthy(choice, state, targets, well) for choice in group]
        well.append(any(healthy))
        shares.append(_blended(group, healthy, shares))
    return shares[-1]


def _healthy(choice: Choice, checks: Sequence[bool], targets: Sequence[bool], groups: Sequence[bool]) -> bool:
    """Its own check and what it evaluates must both be healthy; what is not looked at counts as healthy."""
    return (
        (choice.check is None or checks[choice.check])
        and (choice.target is None or targets[choice.target])
        and (not choice.inherits or choice.group is None or groups[choice.group])
    )


def portions(weights: Sequence[int], healthy: Sequence[bool]) -> list[float]:
    """The share of each record of a group, by its weight and health: the healthy ones with weight; else the healthy
    ones without; else all with weight; and when nothing has weight all alike."""
    chosen = [weight if well else 0 for weight, well in zip(weights, healthy, strict=True)]
    if not any(chosen):
        chosen = [int(well) for well in healthy]  # none of these has weight
        if not any(chosen):
            chosen = list(weights) if any(weights) else [1] * len(weights)
    total = sum(chosen)
    return [weight / total for weight in chosen]


def _blended(
    group: tuple[Choice, ...], healthy: Sequence[bool], below: Sequence[Mapping[Endpoint, float]]
) -> dict[Endpoint, float]:
    """Each record's portion, handed down to what it is an alias to."""
    shares: dict[Endpoint, float] = {}
    for choice, portion in zip(group, portions([choice.weight for choice in group], healthy), strict=True):
        if not portion:
            continue
        if choice.endpoint is not None:
            shares[choice.endpoint] = shares.get(choice.endpoint, 0.0) + portion
        elif choice.group is not None:
            for endpoint, part in below[choice.group].items():
                shares[endpoint] = shares.get(endpoint, 0.0) + portion * part
    return shares
