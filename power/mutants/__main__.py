"""`make mutants`: try a sample of all mutants, or `--all`, or `--again` only those that survived the last time
and that nobody has explained."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from power import page
from power.mutants import score
from power.mutants.session import Choose, Mutant, mutate, sample

EVERY = 10**9


def main() -> None:
    asked = _arguments().parse_args()
    with nullcontext(asked.scratch) if asked.scratch else TemporaryDirectory(prefix="mutants-") as scratch:
        last = score.read() if asked.again else None
        left = last.unexplained(score.equivalent()) if last else ()
        choose = _same(left) if last else sample(EVERY if asked.all else asked.sample, asked.seed)
        outcome = mutate(Path.cwd(), Path(scratch), choose, asked.jobs)
    if last:
        killed = [mutant for mutant in left if _place(mutant) not in set(map(_place, outcome.survived))]
        done = score.without(last, killed)
    else:
        done = score.write(outcome, asked.seed)
    page.write_mutants()
    unexplained = done.unexplained(score.equivalent())
    for mutant in unexplained:
        print(f"{mutant.module}:{mutant.line} {mutant.operator}\n    {mutant.change}")
    explained = len(done.survivors) - len(unexplained)
    print(f"killed {done.killed} of {done.tried}; {explained} change nothing, {len(unexplained)} are unexplained")
    sys.exit(1 if unexplained else 0)


def _arguments() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m power.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many are tried (200)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    parser.add_argument("--jobs", type=int, default=1, help="copies of the tree that are tried side by side (1)")
    parser.add_argument("--all", action="store_true", help="no sample: takes many hours")
    parser.add_argument("--scratch", help="where the copies are kept; a run that was ended is gone on with")
    parser.add_argument("--again", action="store_true", help="only what survived the last run unexplained")
    return parser


def _same(mutants: Sequence[Mutant]) -> Choose:
    places = set(map(_place, mutants))
    return lambda every: [mutant for mutant in every if _place(mutant) in places]


def _place(mutant: Mutant) -> tuple[str, str, int]:
    return mutant.module, mutant.operator, mutant.occurrence


if __name__ == "__main__":
    main()
