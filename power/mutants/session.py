"""One run of cosmic-ray in a copy of the tree. The tree itself never holds a mutant: others may be working in it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkItem, WorkResult

CONFIG = Path("power/mutants/cosmic-ray.toml")
SESSION = "session.sqlite"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "reports", "dist", "build"
)
IDLE = ("ReplaceBinaryOperator_BitOr", "ReplaceComparisonOperator_Is_Eq", "ReplaceComparisonOperator_IsNot_NotEq")
"""Operators that change nothing here: `X | None` is an annotation, which nobody evaluates, and what is compared by
identity (None, and members of enumerations) is equal only to itself."""
SKIPPED = WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output="not in the sample")


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One small change, as people read it."""

    module: str
    operator: str
    occurrence: int
    line: int
    change: str = ""
    """The line before and after."""


Choose = Callable[[Sequence[Mutant]], Sequence[Mutant]]
"""Which of all mutants are tried."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`all`: how many mutants there are, `tried` those that were."""

    all: int
    tried: tuple[Mutant, ...]
    survived: tuple[Mutant, ...]


def sample(size: int, seed: int) -> Choose:
    """So many of them, always the same for one seed."""

    def choose(mutants: Sequence[Mutant]) -> Sequence[Mutant]:
        return random.Random(seed).sample(mutants, min(size, len(mutants)))

    return choose


def mutate(tree: Path, scratch: Path, choose: Choose, jobs: int = 1) -> Outcome:
    """Try the chosen mutants in `jobs` copies of `tree` below `scratch`; what is there already is gone on with. A copy
    without a mutant is tried before and after: raises CalledProcessError when that fails, since then a death says
    nothing."""
    copies = [scratch / f"copy-{number}" for number in range(jobs)]
    if not all((copy / SESSION).exists() for copy in copies):
        shutil.copytree(tree, scratch / "clean", ignore=NOT_COPIED)
        _begin(scratch / "clean", copies, choose)
    for copy in copies:  # a run that was ended may have left a mutant behind
        shutil.copytree(scratch / "clean" / "bluegreen", copy / "bluegreen", dirs_exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda copy: _command(copy, "cosmic-ray", "exec", str(CONFIG), SESSION), copies))
    _trial(copies[0])
    done = [each for copy in copies for each in _results(copy)]
    survived = tuple(sorted(mutant for mutant, survives in done if survives))
    return Outcome(len(_items(copies[0])), tuple(sorted(mutant for mutant, _ in done)), survived)


def _begin(clean: Path, copies: Sequence[Path], choose: Choose) -> None:
    for copy in copies:
        shutil.copytree(clean, copy)
    _trial(copies[0])
    for copy in copies:
        _command(copy, "cosmic-ray", "init", str(CONFIG), SESSION)
    chosen = sorted(choose(_items(copies[0])))
    for number, copy in enumerate(copies):
        _leave_out(copy, set(chosen[number :: len(copies)]))


def _items(copy: Path) -> Sequence[Mutant]:
    """All mutants that there are, but the idle ones."""
    with use_db(copy / SESSION) as work:
        every = sorted(map(_mutant, work.work_items))
    return [mutant for mutant in every if not mutant.operator.startswith(IDLE)]


def _trial(copy: Path) -> None:
    _run(copy, sys.executable, "-m", "power.mutants.trial")


def _command(copy: Path, name: str, *arguments: str) -> None:
    _run(copy, str(Path(sys.executable).parent / name), *arguments)


def _run(copy: Path, *command: str) -> None:
    """In the copy, with the copy's own packages before the installed ones."""
    here = {**os.environ, "PYTHONPATH": str(copy), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(command, cwd=copy, env=here, check=True, stdout=subprocess.DEVNULL)


def _leave_out(copy: Path, wanted: set[Mutant]) -> None:
    with use_db(copy / SESSION) as work:
        out = [item.job_id for item in work.pending_work_items if _mutant(item) not in wanted]
        work.set_multiple_results(out, SKIPPED)


def _results(copy: Path) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant that was tried, and whether it survived."""
    with use_db(copy / SESSION) as work:
        for item, result in _completed(work):
            mutant = _mutant(item, result.diff or "")
            if result.worker_outcome is WorkerOutcome.NORMAL and not mutant.operator.startswith(IDLE):
                yield mutant, result.test_outcome is TestOutcome.SURVIVED


def _completed(work: WorkDB) -> Sequence[tuple[WorkItem, WorkResult]]:
    return tuple(work.completed_work_items)


def _mutant(item: WorkItem, diff: str = "") -> Mutant:
    spec: MutationSpec = item.mutations[0]
    name = spec.operator_name.removeprefix("core/")
    return Mutant(str(spec.module_path), name, spec.occurrence, spec.start_pos[0], _change(diff))


def _change(diff: str) -> str:
    lines = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return " -> ".join(line[1:].strip() for line in lines)
