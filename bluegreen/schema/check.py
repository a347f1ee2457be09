"""Who works with what: each state of the schema, old and new code in it, and rows of both.

Migrations are applied with rows there, as they will be in production: those that old code wrote before the expand, and
those that either version wrote before the contract. Each reader gets a copy of its own, so that nobody meets more than
what is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bluegreen.errors import OperatingError
from bluegreen.schema.apply.base import Apply
from bluegreen.schema.code import Code, SqlCode
from bluegreen.schema.databases.base import Database, Room, run_each, run_program, run_until
from bluegreen.schema.outcome import Change, Checked, Failure, Meeting, Rows, State, Step, Undone, Version, change
from bluegreen.schema.spec import SchemaCheck
from bluegreen.schema.statements import Statement, plain, statements

LEADS_TO = {"expand": State.EXPANDED, "contract": State.CONTRACTED}


class Cannot(OperatingError):
    """The check says nothing, and why: what it begins with does not work."""


class Check:
    """One run of a check. Raises UserError when files of it are wrong."""

    def __init__(self, spec: SchemaCheck, database: Database) -> None:
        self._spec, self._database = spec, database
        self._steps = {name: step for name in LEADS_TO if (step := getattr(spec, name)) is not None}
        self._states = (State.BEFORE, *(LEADS_TO[name] for name in self._steps))
        code: Mapping[Version, Code] = {Version.OLD: spec.old, Version.NEW: spec.new}
        self._code = code
        self._statements = {who: statements(by.files) if isinstance(by, SqlCode) else () for who, by in code.items()}
        self._migrations = {name: plain(step.sql_files()) for name, step in self._all_steps()}
        self._plain: dict[State, Room] = {}
        self._meetings: list[Meeting] = []
        self._applied: list[Step] = []
        self._changes: dict[str, Change] = {}

    def run(self) -> Checked:
        """Raises Cannot, and Unreachable when the database is lost."""
        self._begin()
        for state, room in self._plain.items():
            for reader in Version:
                self._meet(state, reader, Rows(reader, state), room)
        for state in self._plain:
            for by in Version:
                self._rows(Rows(by, state))
        undone = tuple(self._undone(name) for name in self._steps if getattr(self._spec.undo, name) is not None)
        states = tuple(state for state in self._states if state in self._plain)
        return Checked(self._database.name, states, tuple(self._meetings), tuple(self._applied), self._changes, undone)

    # -- how it works ---------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The states without any code's rows."""
        room = self._database.fresh()
        if (failure := self._apply("before", self._spec.before, room)) is not None:
            raise Cannot(f"`before` does not apply to an empty database: {failure}")
        self._plain[State.BEFORE] = room
        for name in self._steps:
            after = self._after(name, room, None)
            if after is None:
                return
            self._plain[LEADS_TO[name]] = after
            self._changes[name] = change(self._database.shape(room), self._database.shape(after))
            room = after

    def _after(self, name: str, room: Room, rows: Rows | None) -> Room | None:
        """A copy with the step applied; None when it failed."""
        copy = self._database.copy(room)
        return copy if self._stepped(name, copy, rows) else None

    def _stepped(self, name: str, room: Room, rows: Rows | None) -> bool:
        failure = self._apply(name, self._steps[name], room)
        self._applied.append(Step(name, rows, failure))
        return failure is None

    def _rows(self, rows: Rows) -> None:
        """Rows of one version, written in one state: the other reads them there, and both after each later step."""
        later = list(self._later(rows))
        if not later and self._leaves_nothing(*Version):
            self._meet(rows.at, rows.by.other, rows, self._plain[rows.at], writing=True)
            return
        room = self._database.copy(self._plain[rows.at])
        self._write(room, rows)
        self._meet(rows.at, rows.by.other, rows, room)
        for name in later:
            if not self._stepped(name, room, rows):
                break
            for reader in Version:
                self._meet(LEADS_TO[name], reader, rows, room)
        self._database.drop(room)

    def _later(self, rows: Rows) -> Iterator[str]:
        """Steps that such rows will see. What does not work in a state does not serve in it, and leaves no rows."""
        alone = next(m for m in self._meetings if m.rows == rows and m.reader is rows.by)
        if not alone.failures:
            yield from (name for name, state in LEADS_TO.items() if name in self._steps and self._is_later(state, rows))

    def _is_later(self, state: State, rows: Rows) -> bool:
        return state in self._plain and self._states.index(state) > self._states.index(rows.at)

    def _meet(self, state: State, reader: Version, rows: Rows, room: Room, *, writing: bool = False) -> None:
        """`writing`: the rows are not there yet, and will not be after it."""
        failures = self._failures(room, reader, state, rows, writing=writing)
        alone = next((m for m in self._meetings if m.state is state and m.rows == Rows(reader, state)), None)
        broken = {failure.name for failure in alone.failures} if alone else set()
        taken = tuple(f for f in failures if alone is not None and f.taken and f.name not in broken)
        self._meetings.append(Meeting(state, reader, rows, tuple(f for f in failures if f not in taken), taken))

    def _failures(self, room: Room, reader: Version, state: State, rows: Rows, *, writing: bool) -> tuple[Failure, ...]:
        """What of a version's code fails in a room, which is left as it is."""
        if self._leaves_nothing(reader):
            with self._database.aside(room, self._spec.statement_timeout) as session:
                run_each(session, self._adding(rows.by) if writing else ())
                return run_each(session, self._statements[reader])
        copy = self._database.copy(room)
        failures = self._code_in(copy, reader, state, rows)
        self._database.drop(copy)
        return failures

    def _write(self, room: Room, rows: Rows) -> None:
        """What cannot be written is no row; that it cannot is told where the writer is by itself."""
        if self._by_sql(rows.by):
            with self._database.session(room, self._spec.statement_timeout) as session:
                run_each(session, self._adding(rows.by))
        else:
            self._code_in(room, rows.by, rows.at, rows)

    def _adding(self, version: Version) -> list[Statement]:
        return [each for each in self._statements[version] if not each.removes]

    def _leaves_nothing(self, *versions: Version) -> bool:
        """Whether it can be run within a transaction that is taken back."""
        return all(
            self._by_sql(version) and not any(each.commits for each in self._statements[version])
            for version in versions
        )

    def _by_sql(self, version: Version) -> bool:
        return isinstance(self._code[version], SqlCode)

    def _code_in(self, room: Room, version: Version, state: State, rows: Rows) -> tuple[Failure, ...]:
        code = self._code[version]
        if not isinstance(code, SqlCode):
            facts = {
                "BLUEGREEN_VERSION": str(version),
                "BLUEGREEN_STATE": str(state),
                "BLUEGREEN_ROWS_BY": str(rows.by),
                "BLUEGREEN_ROWS_AT": str(rows.at),
            }
            failure = run_program(self._database, room, code.program(), code.timeout, facts)
            return (failure,) if failure is not None else ()
        with self._database.session(room, self._spec.statement_timeout) as session:
            return run_each(session, self._statements[version])

    def _apply(self, name: str, step: Apply, room: Room) -> Failure | None:
        program = step.program()
        if program is None:
            return self._run_sql(self._migrations[name], room, step.timeout)
        before = self._database.shape(room)
        failure = run_program(self._database, room, program, step.timeout, {"BLUEGREEN_STEP": name})
        if failure is None and self._database.shape(room) == before:
            why = f"it ended well and changed nothing here: does it read {program.variable}?"
            return Failure(" ".join(program.run), "changed nothing", why)
        return failure

    def _run_sql(self, migration: tuple[Statement, ...], room: Room, limit: timedelta) -> Failure | None:
        with self._database.session(room, limit) as session:
            return run_until(session, migration)

    def _undone(self, name: str) -> Undone:
        """Taken back on a copy with the rows of new code, and old code run after it."""
        at = LEADS_TO[name]
        if at not in self._plain:
            return Undone(name, Failure(name, "not tried", "the step itself does not apply"))
        room = self._database.copy(self._plain[at])
        self._write(room, Rows(Version.NEW, at))
        failure = self._apply(f"undo.{name}", getattr(self._spec.undo, name), room)
        if failure is not None:
            return Undone(name, failure)
        earlier = self._states[self._states.index(at) - 1]
        left = change(self._database.shape(self._plain[earlier]), self._database.shape(room))
        return Undone(name, None, left, self._old_after(room, earlier))

    def _old_after(self, room: Room, state: State) -> tuple[Failure, ...]:
        found = self._code_in(room, Version.OLD, state, Rows(Version.NEW, state))
        return tuple(failure for failure in found if not failure.taken)

    def _all_steps(self) -> Iterator[tuple[str, Apply]]:
        for name in ("before", "expand", "contract", "undo.expand", "undo.contract"):
            if (step := self._spec.part(name)) is not None:
                yield name, step
