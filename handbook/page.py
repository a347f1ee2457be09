"""The page: phases, what happens when, what others' users complained about, and where each capability is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handbook.capabilities import CAPABILITIES, ELSEWHERE
from handbook.phases import diagram
from sim.scenario import Scenario, built_in, load_scenario

HEAD = """\
# How the engine behaves

Written by `make handbook` from the engine's own table of phases and from the scenarios of the catalogue. Each
scenario is a test: it ends as this page says, on both tiers.

## Where a rollout can go from where

{diagram}

From everywhere a rollout can also end in `needs operator`: when no safe step is left that a machine should take
alone. A rehearsal in which the engine goes another way than these breaks an invariant.

## If this happens, the engine does that
"""


def page() -> str:
    """The whole page."""
    catalogue = {name: load_scenario(path) for name, path in built_in().items()}
    parts = [
        HEAD.format(diagram=diagram()),
        _table(("if this happens", "it ends", "scenario"), map(_row, catalogue.items())),
        "\n## What users of other tools complained about\n",
        _table(("thread", "what happens here"), _complaints(catalogue)),
        "\n## Where each capability is shown\n",
        _table(("", "capability", "page", "shown by"), _capabilities(catalogue)),
    ]
    return "\n".join(parts) + "\n"


def _row(named: tuple[str, Scenario]) -> tuple[str, ...]:
    name, scenario = named
    expect = scenario.expect
    end = f"{expect.end or 'as it must'}" + (f": “{expect.because}”" if expect.because else "")
    return scenario.about, end, f"`{name}`"


def _complaints(catalogue: Mapping[str, Scenario]) -> Iterable[tuple[str, ...]]:
    for thread in sorted({each for scenario in catalogue.values() for each in scenario.shows if "#" in each}):
        shown = [(name, scenario.about) for name, scenario in catalogue.items() if thread in scenario.shows]
        yield thread, "; ".join(f"{about} (`{name}`)" for name, about in shown)


def _capabilities(catalogue: Mapping[str, Scenario]) -> Iterable[tuple[str, ...]]:
    for number, (title, link) in CAPABILITIES.items():
        shown = [f"`{name}`" for name, scenario in catalogue.items() if number in scenario.shows]
        shown += [f"`{ELSEWHERE[number]}`"] if number in ELSEWHERE else []
        yield number, title, f"[{link}]({link})", ", ".join(shown)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
