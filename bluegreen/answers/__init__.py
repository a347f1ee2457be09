"""Who gets what share of Route 53's answers: pure, from record sets and health to a distribution.

    Answers(records, "www.example.com", "A").shares(checks={"hc-1": True}, targets=lambda name: True)

`records` are a zone's record sets exactly as boto3's `list_resource_record_sets` returns them. Complete for simple,
weighted and failover records and for trees of aliases to them. Rules: Route 53 Developer Guide, "How Amazon Route 53
chooses records when health checking is configured", "How health checks work in complex configurations", and
"Weighted routing"; API reference, AliasTarget and ResourceRecordSet.

Not evaluated, but refused with a `NotAnswerable` that says so: policies whose answer depends on who asks (latency,
geolocation, geoproximity, CIDR), multivalue answers, and wildcards. A CNAME is an answer and is not followed: that is
the resolver's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bluegreen.answers.balancers import balancer_healthy
from bluegreen.answers.evaluation import Known, all_healthy, evaluate, known
from bluegreen.answers.records import NotAnswerable, normal
from bluegreen.answers.tree import Endpoint, compiled

__all__ = ["Answers", "Endpoint", "NotAnswerable", "balancer_healthy", "normal", "shares"]

KEPT = 1024
"""So many states of health have their shares kept; a service has a handful."""


class Answers:
    """What one name and type answers, compiled once and asked often: a known state of health is one look-up."""

    def __init__(self, records: Iterable[Mapping[str, Any]], name: str, kind: str = "A") -> None:
        """`kind` is the type that is asked for; a name that has only CNAME records answers with those.

        Raises NotAnswerable, for a person: nothing of that name, a policy that is not evaluated, an alias whose target
        is missing, aliases that go round in a circle.
        """
        self._tree = compiled(records, name, kind)
        self._kept: dict[tuple[bool, ...], Mapping[Endpoint, float]] = {}

    @property
    def checks(self) -> tuple[str, ...]:
        """The ids of the health checks that the answers may depend on."""
        return self._tree.checks

    @property
    def targets(self) -> tuple[str, ...]:
        """The AWS names whose health the answers may depend on (EvaluateTargetHealth): lower case, no dot at the
        end."""
        return self._tree.targets

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All that can ever be answered, whatever the weights and the health."""
        return self._tree.endpoints

    def shares(self, checks: Known = all_healthy, targets: Known = all_healthy) -> Mapping[Endpoint, float]:
        """The long-run share of each final answer, those with 0 left out. Not to be altered.

        `checks` says by id which health checks are healthy, `targets` by DNS name which AWS resources: mappings or
        functions. Raises NotAnswerable when a mapping lacks one of those that matter.
        """
        tree = self._tree
        state = known(targets, tree.targets, "alias target")
        if tree.checks:
            state = known(checks, tree.checks, "health check") + state
        shares = self._kept.get(state)
        if shares is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            shares = self._kept[state] = evaluate(tree, state)
        return shares


def shares(
    records: Iterable[Mapping[str, Any]],
    name: str,
    kind: str = "A",
    checks: Known = all_healthy,
    targets: Known = all_healthy,
) -> Mapping[Endpoint, float]:
    """The same in one call, for those who ask once. Raises NotAnswerable."""
    return Answers(records, name, kind).shares(checks, targets)
