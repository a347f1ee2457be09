"""Alarm states: `sim.alarms.evaluate` against the tables that AWS publishes for missing data."""

from __future__ import annotations

from typing import get_args

from sim.alarms import AlarmState, TreatMissing, evaluate
from validation.page import Section, Table

MODES: tuple[TreatMissing, ...] = ("missing", "ignore", "breaching", "notBreaching")
SAME = "as before"
ALL_OK, ALL_ALARM = ("OK",) * 4, ("ALARM",) * 4
TABLES: tuple[tuple[str, int, str, tuple[str, ...]], ...] = (
    ("E-1", 3, "0 - X - X", ALL_OK),
    ("E-2", 3, "0 - - - -", ALL_OK),
    ("E-3", 3, "- - - - -", ("INSUFFICIENT_DATA", SAME, "ALARM", "OK")),
    ("E-4", 3, "0 X X - X", ALL_ALARM),
    ("E-6", 2, "0 - X - X", ALL_ALARM),
    ("E-7", 2, "0 0 X 0 X", ALL_ALARM),
)
"""Of 3 points so many must breach (X), 5 were fetched, the newest stands right. Amazon CloudWatch User Guide,
configuring how CloudWatch alarms treat missing data; the states are for the modes in the order of MODES."""
OPEN = ("- - - - X", "- - - X -")
"""With mode missing and 3 of 3 "not ALARM" is all that the guide says."""
STATES: tuple[AlarmState, ...] = get_args(AlarmState)


def ours(points: str, needed: int, mode: TreatMissing) -> str:
    """The state, for every state before; SAME when it stays what it was."""
    range_ = [{"X": True, "0": False, "-": None}[point] for point in points.split()]
    found = [evaluate(range_, 3, needed, mode, before) for before in STATES]
    return SAME if tuple(found) == STATES else " or ".join(sorted(set(found)))


def section() -> Section:
    rows, wrong, cells = [], 0, 0
    for case, needed, points, expected in TABLES:
        found = [ours(points, needed, mode) for mode in MODES]
        marks = [
            state if state == wanted else f"{state} (AWS: {wanted})"
            for state, wanted in zip(found, expected, strict=True)
        ]
        wrong += sum(state != wanted for state, wanted in zip(found, expected, strict=True))
        cells += len(found)
        rows.append((case, f"{needed} of 3", f"`{points}`", *marks))
    for points in OPEN:
        state = ours(points, 3, "missing")
        wrong += "ALARM" in state.split(" or ")
        cells += 1
        rows.append(("E-11", "3 of 3", f"`{points}`", state, "", "", ""))
    return Section(
        "Alarm states",
        "What becomes of an alarm when data points are missing. The reference are AWS's own tables (Amazon CloudWatch "
        "User Guide, how alarms treat missing data), restated: X breaches, 0 does not, - is missing, the newest right. "
        f"Each cell is asked for every state before; \"{SAME}\" is what the guide calls retaining the state.",
        (Table(("case", "must breach", "points", *(f"`{mode}`" for mode in MODES)), rows),),
        f"{wrong} of {cells} cells differ.",
        "The documented rows come out for every earlier state. How many points are fetched beyond N is shown for N = 3 "
        "only (5), and taken to be two more for every N. Which state an alarm has whose few points all breach "
        "prematurely (E-11) is not said beyond \"not ALARM\"; it keeps the one before, so one that "
        "was in ALARM already stays there.",
    )  # fmt: skip
