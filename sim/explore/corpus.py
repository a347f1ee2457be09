"""Findings as scenario files in a folder: one for each cause, the shortest that is known. What was mended keeps its
file, so that it is replayed for ever."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from bluegreen.registry import kind_of
from sim.explore.case import Case, weight
from sim.explore.findings import Finding
from sim.explore.outcome import outcome_of
from sim.material import Material, material
from sim.scenario import SUFFIX, Scenario, load_scenario
from sim.scenefile import save_scenario

LONGEST = 60
"""Characters of a file's name, without its suffix."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding and its file. `old`: a file of the same cause was there, it still fails, it is shorter, and it stays as
    it was."""

    finding: Finding
    path: Path
    old: bool = False


def merge(material: Material, findings: tuple[Finding, ...], folder: Path) -> list[Kept]:
    """Write each finding's file, unless there is a shorter one that fails in the same way. Raises OSError, and
    UserError when a file that is there cannot be read."""
    return [_merge(material, finding, folder) for finding in findings]


def stem(finding: Finding) -> str:
    """A file name that says the cause: what broke, and the kinds of faults it takes. What is too long ends with a
    fingerprint of the whole, so that another cause has another name."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(finding.cause).lower()).strip("-")
    if len(words) <= LONGEST:
        return words
    return f"{words[: LONGEST - 7].rstrip('-')}-{sha256(words.encode()).hexdigest()[:6]}"


def scenario_of(material: Material, case: Case, about: str) -> Scenario:
    """The case as a scenario of its own: what the material's scenario says, the faults on top, no expectations. A
    rollout file given by hand is rehearsed as it is, without the scenario's changes to its own."""
    base = material.scenario
    own = base.rollout and material.scenario_path and (material.scenario_path.parent / base.rollout).resolve()
    rollout = material.rollout.resolve() if material.rollout else own
    update: dict[str, Any] = {
        "about": about,
        "shows": (),
        "rollout": rollout or None,
        "faults": (*base.faults, *case.faults),
        "expect": type(base.expect)(),
        "seed": case.seed,
        **({"change": {}} if material.rollout else {}),
    }
    return base.model_copy(update=update)


def replay(path: Path, *, memory: bool) -> str:
    """The command that shows it again; the file knows its seed."""
    return shlex.join(["bluegreen", "rehearse", "--scenario", str(path), *(["--tier", "memory"] if memory else [])])


def _merge(material: Material, finding: Finding, folder: Path) -> Kept:
    what, why = finding.failure.what, finding.failure.why
    differs = f" First difference: {finding.difference}." if finding.difference else ""
    scenario = scenario_of(material, finding.case, f"Found by exploration: {what}.{differs}")
    for path in _names(folder, stem(finding)):
        if path.exists():
            there = load_scenario(path)
            if not _alike(there, path, scenario) or not _fails_still(material, path, there, what):
                continue  # another rollout or world, or mended since: it stays
            if weight(Case(there.seed, there.faults)) <= weight(Case(scenario.seed, scenario.faults)):
                return Kept(finding, path, old=True)
        save_scenario(scenario, path, comment=_header(what, why, finding, path))
        return Kept(finding, path)
    raise AssertionError("there is always another name")


def _names(folder: Path, words: str) -> Iterator[Path]:
    yield folder / (words + SUFFIX)
    yield from (folder / f"{words}-{number}{SUFFIX}" for number in count(2))


def _alike(there: Scenario, path: Path, scenario: Scenario) -> bool:
    """Whether the file rehearses the same rollout in the same world."""
    own = there.rollout and (path.parent / there.rollout).resolve()
    return (own, *_surroundings(there)) == (scenario.rollout, *_surroundings(scenario))


def _surroundings(scenario: Scenario) -> tuple[object, ...]:
    return scenario.change, scenario.world, scenario.cloud, scenario.checks, scenario.notices


def _fails_still(like: Material, path: Path, there: Scenario, what: str) -> bool:
    """What was mended since has another cause than what was found now, whatever it is called."""
    old = replace(material(path, None, there.seed, like.tier), plant=like.plant)
    failure = outcome_of(old, Case(there.seed)).failure
    return failure is not None and failure.what == what


def _header(what: str, why: str, finding: Finding, path: Path) -> str:
    kinds = ", ".join(kind_of(fault) for fault in finding.case.faults) or "nothing on top"
    return f"{what}: {why}\nIt takes: {kinds}. replay: {replay(Path(path.name), memory=True)}"
