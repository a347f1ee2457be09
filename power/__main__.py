"""`make power`: plant each bug, let the harness look for it, and print what it found.

python -m power                    all bugs, and write docs/power.md
python -m power --bug NAME         only this one, and its line on the page; may be given more than once
python -m power --unplanted 10     ten minutes on the engine as it is: nothing may be found
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context

from power import page
from power.bug import names
from power.probes import more_probes
from power.search import BUDGET, Found, look, search


def main() -> None:
    asked = _arguments().parse_args()
    if asked.unplanted:
        sys.exit(_unplanted(asked.unplanted * 60))
    wanted = asked.bug or names()
    if unknown := sorted(set(wanted) - set(names())):
        sys.exit(f"there is no bug {', '.join(unknown)}; there are: {', '.join(names())}")
    found = dict(_each(wanted, asked.jobs))
    print(page.write(found))
    good = sum(each.failure is not None for each in found.values())
    print(f"found {good} of {len(found)}")
    sys.exit(0 if good == len(found) else 1)


def _each(wanted: Sequence[str], jobs: int) -> Iterator[tuple[str, Found]]:
    """In their order, each told as soon as it is known. A process of its own for each: nothing stays broken."""
    width = max(map(len, wanted))
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        for name, found in zip(wanted, pool.map(look, wanted), strict=True):
            print(f"{name:{width}}  {page.told(found)}", flush=True)
            yield name, found


def _unplanted(seconds: float) -> int:
    """The same search on the engine as it is, and some more."""
    found = search(nullcontext(), more_probes(), seconds)
    print(f"{found.tried} runs in {found.seconds:.0f} s: {page.told(found)}")
    return 0 if found.failure is None else 1


def _arguments() -> ArgumentParser:
    parser = ArgumentParser("python -m power", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--bug", action="append", metavar="NAME", help="only this bug")
    parser.add_argument("--jobs", type=int, default=1, help="bugs looked for side by side, one core each (1)")
    parser.add_argument("--unplanted", type=float, metavar="MINUTES", help="look at the engine as it is")
    parser.epilog = f"Each bug has {BUDGET:.0f} seconds of one core."
    return parser


if __name__ == "__main__":
    main()
