"""docs/power.md, and how a search's result is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from power.bug import about, names
from power.mutants import score
from power.search import BUDGET, Found
from sim.invariants import names as invariants

DOCS = Path("docs") / "power.md"
MISSED = "**missed**"
HEAD = """\
# How much the harness finds

Written by `make power`. A harness is worth what it finds, so engines are broken on purpose and rehearsed: each bug
below is a mistake that somebody has made in real life, planted as one wrong function (`power/bugs/`, one small file
each). The search does not know what is planted. It tries the same runs in the same order for all of them, cheapest
first: the catalogue with its expectations and invariants on the memory tier, some of it on moto, each change of two
short rollouts interrupted in every way, then runs with drawn faults. A bug has {budget:.0f} seconds of one core.

    python -m power --bug removes-without-a-drain    # one bug, and its line on this page
    python -m power --jobs 2                         # all, and this page
    python -m power --unplanted 10                   # ten minutes on the engine as it is: nothing may be found

What to do with a bug of your own: write a file like the others, and see whether it is found. When it is not, the
harness lacks an invariant, an expectation or a scenario; write that, not a special case.

## Planted bugs

| bug | the mistake | found by | in | seconds |
| --- | --- | --- | --- | --- |
"""
MUTANTS = """\
## Mutants

`make mutants` changes one operator, number or condition at a time in `bluegreen/decide`, `bluegreen/gates` and
`bluegreen/strategies` ({all:,} ways, by cosmic-ray, in a copy of the tree), and asks the catalogue on the memory tier
and the fast tests whether they notice. Of a sample of {tried} (seed {seed}) they noticed {at_first}, which is
{part:.1%}{since}. Of the {others} others {same} change nothing that anybody could notice:
`power/mutants/equivalent.toml` says why.
"""
SINCE = ", and {killed} since tests were written for what they had missed"


def told(found: Found) -> str:
    """In one line."""
    if found.failure is None:
        return f"nothing found in {found.seconds:.0f} s ({found.tried} runs)"
    return f"{found.seconds:5.1f} s  {found.failure.what}  [{found.probe}]  {found.failure.why}"


def write(found: Mapping[str, Found]) -> Path:
    """Write the page anew. Of bugs that were not looked for it goes on saying what it said."""
    told = {name: row for name, row in _told() if name in names()} | {name: _told_of(found[name]) for name in found}
    rows = [f"| `{name}` | {about(name).splitlines()[0]} | {' | '.join(told[name])} |" for name in sorted(told)]
    DOCS.write_text("\n".join([HEAD.format(budget=BUDGET) + "\n".join(rows), *_rest(told.values())]))
    return DOCS


def write_mutants() -> None:
    """Write the part about mutants anew."""
    before, _, _ = DOCS.read_text().partition(MUTANTS.splitlines()[0])
    DOCS.write_text(before + "\n".join(_mutants()))


def rows() -> Iterator[tuple[str, str, str]]:
    """What the page says: of each bug its name, what found it, and in which run."""
    yield from ((name, what, where) for name, (what, where, _) in _told())


Row = tuple[str, str, str]
"""Of a bug: what found it, in which run, and in how many seconds."""


def _told() -> Iterator[tuple[str, Row]]:
    text = DOCS.read_text() if DOCS.exists() else ""
    table = text.partition("| --- | --- | --- | --- | --- |\n")[2].partition("\n\n")[0]
    for line in table.splitlines():
        name, _, what, where, seconds = (cell.strip().strip("`") for cell in line.strip("|").split(" | "))
        yield name, (what, where, seconds)


def _told_of(found: Found) -> Row:
    return found.failure.what if found.failure else MISSED, found.probe, f"{found.seconds:.1f}"


def _rest(told: Collection[Row]) -> Iterator[str]:
    good = [what for what, _, _ in told if what != MISSED]
    slowest = max(float(seconds) for _, _, seconds in told)
    yield f"\nfound {len(good)} of {len(told)}; the slowest took {slowest:.0f} s."
    kinds = Counter(map(_kind, good))
    yield "By " + ", ".join(f"{kind}: {count}" for kind, count in kinds.most_common()) + ".\n"
    yield from _mutants()


def _kind(what: str) -> str:
    if what in invariants():
        return "an invariant"
    return "an expectation" if what.startswith("expected ") else "an error or another end"


def _mutants() -> Iterator[str]:
    last, explained = score.read(), score.equivalent()
    left = last.unexplained(explained)
    yield MUTANTS.format(
        all=last.all,
        tried=last.tried,
        seed=last.seed,
        since=SINCE.format(killed=last.killed) if last.killed > last.at_first else "",
        at_first=last.at_first,
        part=last.at_first / last.tried,
        others=len(last.survivors),
        same=len(last.survivors) - len(left),
    )
