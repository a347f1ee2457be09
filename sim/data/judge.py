"""The judges of a history: each a small function from what happened to what should not have.

What must hold: no acknowledged write is lost unless it was told, no store goes back to an older value, nothing takes
effect twice, after a promotion nobody reads less than was acknowledged before it, nobody is promoted who lacks an
acknowledged write, and no old code runs after a contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from sim.data.history import Applied, Contracted, Finding, Form, History, Promoted, Read, Wrong, Wrote, version_of

Judge = Callable[[History], Iterator[Finding]]


def judge(history: History, *, settled: bool = True) -> tuple[Finding, ...]:
    """All findings, by time. `settled`: the copiers had come to rest before `final` was looked at, so that both stores
    must be alike."""
    judges = (*JUDGES, apart) if settled else JUDGES
    found = [finding for one in judges for finding in one(history)]
    return tuple(sorted(found, key=lambda one: (one.at, one.wrong, one.key, one.why)))


def lost(history: History) -> Iterator[Finding]:
    """An acknowledged write that is neither there at the end, nor overwritten by a newer one, nor told to be lost."""
    writes, side = history.writes(), history.last_authority()
    held = _held(history, side, writes)
    for write in writes.values():
        there = history.final.get(side, {}).get(write.key, ())
        if write.acked is None or write.failed or write.id in history.reported:
            continue
        if write.id not in there if write.form is Form.ADD else held.get(write.key, 0) < write.version:
            told = f"{write.id} (version {write.version}) was acknowledged on {write.side}"
            why = f"{told}; {side} ends with {_show(there)}"
            yield Finding(Wrong.LOST, write.key, write.acked, why)


def resurrected(history: History) -> Iterator[Finding]:
    """A store took an older value after a newer one, or shows what was deleted or refused."""
    writes = history.writes()
    for (side, key), applied in _by_item(history).items():
        known = [(event, writes[event.id]) for event in applied if event.id in writes]
        newest = 0
        for event, write in known:
            if write.form is not Form.ADD and write.version < newest:
                why = f"{side} had version {newest} and went back to {write.id} (version {write.version})"
                yield Finding(Wrong.RESURRECTED, key, event.at, why)
            newest = max(newest, write.version)
        there = history.final.get(side, {}).get(key, ())
        if there and known and writes[known[0][0].id].form is not Form.ADD and version_of(there, writes) < newest:
            last = known[-1][0].at
            yield Finding(Wrong.RESURRECTED, key, last, f"{side} had version {newest} and ends with {_show(there)}")
    for side, items in history.final.items():
        for key, there in items.items():
            if refused := [id_ for id_ in there if id_ in writes and writes[id_].failed]:
                yield Finding(
                    Wrong.RESURRECTED, key, writes[refused[0]].at, f"{side} holds {refused[0]}, refused before"
                )


def doubled(history: History) -> Iterator[Finding]:
    """A write that took effect twice: it is there twice, or a store changed twice to it."""
    for side, items in history.final.items():
        for key, there in items.items():
            for id_ in sorted({id_ for id_ in there if there.count(id_) > 1}):
                at = history.writes()[id_].at if id_ in history.writes() else 0
                yield Finding(Wrong.DOUBLED, key, at, f"{side} holds {id_} {there.count(id_)} times")
    for (side, key), applied in _by_item(history).items():
        seen: set[str] = set()
        for event in applied:
            if event.id in seen:
                yield Finding(Wrong.DOUBLED, key, event.at, f"{event.id} changed {side} a second time")
            seen.add(event.id)


def stale(history: History) -> Iterator[Finding]:
    """A read of the promoted side that shows less than was acknowledged: anywhere before the promotion, or by the side
    itself before the read."""
    writes = history.writes()
    of_key: dict[str, list[Wrote]] = {}
    for write in writes.values():
        of_key.setdefault(write.key, []).append(write)
    promotions = [event for event in history.events if isinstance(event, Promoted)]
    for read in (event for event in history.events if isinstance(event, Read)):
        since = [promoted.at for promoted in promotions if promoted.at <= read.at]
        if not since or promotions[len(since) - 1].side != read.side:
            continue
        for write in of_key.get(read.key, []):
            if write.id in history.reported:
                continue
            if _must_show(write, read, since[-1]) and _misses(read, write, of_key[read.key]):
                why = f"{read.side} showed {_show(read.seen)}, though {write.id} was acknowledged at {write.acked} ms"
                yield Finding(Wrong.STALE, read.key, read.at, why)
                break


def behind(history: History) -> Iterator[Finding]:
    """A side was promoted while it lacked a write that had been acknowledged and was not told to be lost: one finding
    for each promotion."""
    writes = history.writes()
    for promoted in (event for event in history.events if isinstance(event, Promoted)):
        there = {item: applied for item, applied in _by_item(history).items() if item[0] == promoted.side}
        missing = [
            write
            for write in writes.values()
            if write.acked is not None
            and not write.failed
            and write.id not in history.reported
            and write.acked <= promoted.at
            and not _had(write, there.get((promoted.side, write.key), []), promoted.at, writes)
        ]
        if missing:
            keys = sorted({write.key for write in missing})
            why = f"{promoted.side} lacked {len(missing)} acknowledged writes, the first of them {missing[0].id}"
            yield Finding(Wrong.BEHIND, keys[0] if len(keys) == 1 else "", promoted.at, why)


def early(history: History) -> Iterator[Finding]:
    """Code of the old version came after the old form was gone: one finding for each contract."""
    for contract in (event for event in history.events if isinstance(event, Contracted)):
        late = [
            event
            for event in history.events
            if isinstance(event, Wrote | Read) and event.code == contract.old and event.at >= contract.at
        ]
        if late:
            why = f"{len(late)} requests of {contract.old} code came later, the last one at {late[-1].at} ms"
            yield Finding(Wrong.EARLY, "", contract.at, why)


def apart(history: History) -> Iterator[Finding]:
    """The stores hold different things when all is quiet. What is not there and nothing are the same."""
    keys = sorted({key for items in history.final.values() for key in items})
    for key in keys:
        held = {side: items.get(key, ()) for side, items in sorted(history.final.items())}
        for (one, mine), (other, theirs) in pairwise(held.items()):
            if sorted(mine) != sorted(theirs):
                why = f"{one} holds {_show(mine)}, {other} {_show(theirs)}"
                yield Finding(Wrong.APART, key, 0, why)


JUDGES: tuple[Judge, ...] = (lost, resurrected, doubled, stale, behind, early)


def _by_item(history: History) -> dict[tuple[str, str], list[Applied]]:
    """What each item of each store went through, in order."""
    found: dict[tuple[str, str], list[Applied]] = {}
    for event in history.events:
        if isinstance(event, Applied):
            found.setdefault((event.side, event.key), []).append(event)
    return found


def _held(history: History, side: str, writes: dict[str, Wrote]) -> dict[str, int]:
    """How new what the side holds at the end is, by key. An item that is not there is as new as the newest delete of
    it: to delete what is gone already changes nothing."""
    held: dict[str, int] = {}
    for write in writes.values():
        if write.form is Form.DELETE and not write.failed:
            held[write.key] = max(held.get(write.key, 0), write.version)
    there = {key: version_of(seen, writes) for key, seen in history.final.get(side, {}).items() if seen}
    return {**held, **there}


def _must_show(write: Wrote, read: Read, promoted: int) -> bool:
    if write.acked is None or write.failed:
        return False
    return write.acked <= (read.at if write.side == read.side else promoted)


def _misses(read: Read, write: Wrote, others: list[Wrote]) -> bool:
    """`others`: all writes of the key."""
    if write.form is Form.ADD:
        return write.id not in read.seen
    if not read.seen:
        return write.form is not Form.DELETE and not _deleted_since(write, read, others)
    return version_of(read.seen, {other.id: other for other in others}) < write.version


def _deleted_since(write: Wrote, read: Read, others: list[Wrote]) -> bool:
    """Whether a newer delete, acknowledged or not, explains that nothing is there."""
    return any(other.form is Form.DELETE and other.version > write.version and other.at <= read.at for other in others)


def _had(write: Wrote, applied: list[Applied], at: int, writes: dict[str, Wrote]) -> bool:
    took = [event.id for event in applied if event.at <= at]
    if write.form is Form.ADD:
        return write.id in took
    return version_of(took, writes) >= write.version


def _show(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) or "nothing"
