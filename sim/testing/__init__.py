"""For teams that test their own rollout file: draws for Hypothesis, and a pytest plugin.

    from hypothesis import given
    from sim.testing import scenarios

    @given(case=scenarios("shop.rollout.yaml"))
    def test_whatever_happens_users_hardly_notice(rehearse, case):
        rehearse(case, expect={"failed_below": "5%"})

The plugin is loaded by pytest in every project of the environment it is installed in, so nothing is imported here until
it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.testing.drawn import Drawn
    from sim.testing.files import SMALL, changes, numbers, plans, rollout_files
    from sim.testing.machine import operators_against
    from sim.testing.surroundings import clouds, demands, worlds
    from sim.testing.trial import Broke, Tried, rehearse
    from sim.testing.trouble import faults, people, timelines
    from sim.testing.whole import scenarios

WHERE = {
    "drawn": ("Drawn",),
    "machine": ("operators_against",),
    "files": ("SMALL", "changes", "numbers", "plans", "rollout_files"),
    "whole": ("scenarios",),
    "trouble": ("faults", "people", "timelines"),
    "trial": ("Broke", "Tried", "rehearse"),
    "surroundings": ("clouds", "demands", "worlds"),
}
__all__ = [
    "SMALL",
    "Broke",
    "Drawn",
    "Tried",
    "changes",
    "clouds",
    "demands",
    "faults",
    "numbers",
    "operators_against",
    "people",
    "plans",
    "rehearse",
    "rollout_files",
    "scenarios",
    "timelines",
    "worlds",
]


def __getattr__(name: str) -> Any:
    for module, names in WHERE.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
