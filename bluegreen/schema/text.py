"""The answer of a check, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from bluegreen.schema.moments import Answer, Judged, own_failures, rows_words, works
from bluegreen.schema.outcome import Checked, State, Version

HEADLINES = {
    Answer.WORKS: "old and new code can both serve while the schema changes",
    Answer.FAILS: "old and new code cannot both serve while the schema changes",
    Answer.UNKNOWN: "nobody can tell whether old and new code can both serve",
}
TAKEN = "nothing follows from rows whose key the other version's samples had taken already"
JSON = TypeAdapter(Checked)


def cells(checked: Checked) -> Iterator[tuple[Version, Version, list[str]]]:
    """Reader, whose rows, and how it went in each state."""
    for reader in Version:
        for by in Version:
            yield reader, by, [_cell(checked, state, reader, by) for state in checked.states]


def _cell(checked: Checked, state: State, reader: Version, by: Version) -> str:
    return "works" if works(checked, state, reader, by) else "fails"


def failures(checked: Checked) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each meeting that failed in a way of its own, and what the database said."""
    for meeting in checked.meetings:
        if own := own_failures(checked, meeting):
            yield f"{meeting.reader} code, {meeting.state}, {rows_words(meeting)}", tuple(map(str, own))


def taken(checked: Checked) -> list[str]:
    """Where rows could not be added since the other version's samples have the same key."""
    return list(dict.fromkeys(failure.where for meeting in checked.meetings for failure in meeting.taken))


def check_text(file: str, checked: Checked, judged: Judged) -> str:
    """All of it."""
    return "\n".join(_lines(file, checked, judged))


def _lines(file: str, checked: Checked, judged: Judged) -> Iterator[str]:
    yield f"{file}: {HEADLINES[judged.answer]} ({checked.database})"
    yield from (f"  because {reason}" for reason in judged.why)
    if not checked.states:
        return
    yield ""
    yield f"{'':26}{''.join(f'{state:12}' for state in checked.states)}".rstrip()
    for reader, by, row in cells(checked):
        told = "".join(f"{cell.upper() if cell == 'fails' else cell:12}" for cell in row)
        yield f"{f'{reader} code, rows of {by}':26}{told}".rstrip()
    for moment in judged.moments:
        yield ""
        yield f"{moment.step}: {moment.when}"
        yield f"  back: {moment.back}"
    for title, said in failures(checked):
        yield ""
        yield title
        yield from (f"  {each}" for each in said)
    if found := taken(checked):
        yield ""
        yield f"{TAKEN}: {', '.join(found)}"


def check_json(file: str, checked: Checked, judged: Judged) -> dict[str, Any]:
    """For machines."""
    return {
        "file": file,
        "answer": str(judged.answer),
        "why": list(judged.why),
        "matrix": [
            {
                "reader": str(reader),
                "rows_of": str(by),
                **{str(s): cell for s, cell in zip(checked.states, row, strict=True)},
            }
            for reader, by, row in cells(checked)
        ],
        "moments": [
            {"step": each.step, "safe": each.safe, "when": each.when, "back": each.back} for each in judged.moments
        ],
        "seen": JSON.dump_python(checked, mode="json"),
    }
