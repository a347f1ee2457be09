"""Findings as scenario files in a folder: one for each cause, the shortest that is known."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from bluegreen.registry import kind_of
from sim.explore.case import Case, weight
from sim.explore.findings import Finding
from sim.material import Material
from sim.scenario import SUFFIX, Scenario, load_scenario
from sim.scenefile import save_scenario

LONGEST = 60
"""Characters of a file's name, without its suffix."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding and its file. `old`: a file of the same cause was there, it is shorter, and it stays as it was."""

    finding: Finding
    path: Path
    old: bool = False


def merge(material: Material, findings: tuple[Finding, ...], folder: Path) -> list[Kept]:
    """Write each finding's file, unless there is a shorter one for its cause. Raises OSError, and UserError when a file
    that is there cannot be read."""
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
    path = folder / (stem(finding) + SUFFIX)
    if path.exists():
        there = load_scenario(path)
        if weight(Case(there.seed, there.faults)) <= weight(_whole(material, finding)):
            return Kept(finding, path, old=True)
    what, why = finding.failure.what, finding.failure.why
    differs = f" First difference: {finding.difference}." if finding.difference else ""
    scenario = scenario_of(material, finding.case, f"Found by exploration: {what}.{differs}")
    save_scenario(scenario, path, comment=_header(what, why, finding, path))
    return Kept(finding, path)


def _whole(material: Material, finding: Finding) -> Case:
    """With the scenario's own faults, as a file has them."""
    return Case(finding.case.seed, (*material.scenario.faults, *finding.case.faults))


def _header(what: str, why: str, finding: Finding, path: Path) -> str:
    kinds = ", ".join(kind_of(fault) for fault in finding.case.faults) or "nothing on top"
    return f"{what}: {why}\nIt takes: {kinds}. replay: {replay(Path(path.name), memory=True)}"
