"""The answer in numbers: what it cost users, how long it took to notice, to recover and to finish. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bluegreen.report.story import candidate_share
from bluegreen.report.trace import Decided, Sample, Trace
from bluegreen.report.words import clock, count, length, share

HURT = 0.001
"""Users count as hurt while more than this share of all requests fails or is slow (and more than twice the share
from before the first fault)."""

Mood = Literal["good", "mixed", "bad", "open"]


@dataclass(frozen=True, slots=True)
class Harm:
    """What users felt. Counts are requests; `worst_at` is when the worst minute began."""

    requests: float
    failed: float
    slow: float | None  # None: nobody measured it
    worst_at: float
    worst_failed: float
    worst_share: float
    whose: str = "requests"
    """Which requests are counted: all of them in a rehearsal, those to the judged slot in a real rollout."""
    page: float = 0.0
    """Of these, how many got the fallback's page: neither served nor failed."""
    unheard: float = 0.0
    """Of those that failed, how many reached nobody: no answer from DNS, or their zone was lost."""

    @property
    def failed_share(self) -> float:
        return self.failed / self.requests if self.requests else 0.0

    @property
    def slow_share(self) -> float | None:
        return None if self.slow is None else self.slow / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """The answer. Times are seconds; None means that there is nothing to tell."""

    headline: str
    mood: Mood
    harm: Harm | None
    detect: float | None  # from the trouble to the first decision to go back
    recover: float | None  # from the trouble to the end of users' harm
    finish: float | None  # from the start to the rollout's end
    trouble_at: float | None
    turned_at: float | None  # the first decision to go back
    turned_share: float | None  # the candidate's share then


def summarize(trace: Trace, samples: tuple[Sample, ...]) -> Summary:
    """Judge a trace by its samples (the world's own, or the measured ones of a journal)."""
    harm = _harm(samples, trace)
    turned = next((decided for decided in trace.decisions if decided.phase == "rollback"), None)
    spans = _hurt(samples, min((fault.since for fault in trace.faults), default=0.0))
    trouble = _trouble(trace, spans, turned)
    recovered = spans[-1][1] if spans and spans[-1][1] < samples[-1].at else None
    summary = Summary(
        headline="",
        mood=_mood(trace, harm),
        harm=harm,
        detect=turned.at - trouble if turned and trouble is not None else None,
        recover=recovered - trouble if recovered is not None and trouble is not None else None,
        finish=_finish(trace),
        trouble_at=trouble,
        turned_at=turned.at if turned else None,
        turned_share=_share_when_turned(trace, turned),
    )
    return _with_headline(summary, trace)


def _harm(samples: Iterable[Sample], trace: Trace) -> Harm | None:
    requests = failed = slow = page = unheard = 0.0
    slow_known = False
    minutes: dict[int, tuple[float, float]] = {}
    for sample in samples:
        shown, lost = sample.page * sample.length, sample.unheard * sample.length
        bad = sum(sample.errors.values()) * sample.length + lost
        asked = sum(sample.requests.values()) * sample.length + shown + lost
        requests, failed, page, unheard = requests + asked, failed + bad, page + shown, unheard + lost
        slow, slow_known = slow + sum(sample.slow.values()) * sample.length, slow_known or bool(sample.slow)
        minute = int((sample.at - sample.length / 2) // 60)
        before = minutes.get(minute, (0.0, 0.0))
        minutes[minute] = (before[0] + bad, before[1] + asked)
    if not requests:
        return None
    worst = max(sorted(minutes), key=lambda minute: minutes[minute][0])
    bad, asked = minutes[worst]
    whose = "requests" if trace.rehearsed else f"requests to {trace.candidate}"
    known_slow = slow if slow_known else None
    return Harm(requests, failed, known_slow, worst * 60.0, bad, bad / asked if asked else 0.0, whose, page, unheard)


def _bad_share(sample: Sample) -> float:
    asked = sum(sample.requests.values()) + sample.page + sample.unheard
    bad = sum(sample.errors.values()) + sum(sample.slow.values()) + sample.unheard
    return bad / asked if asked else 0.0


def _hurt(samples: tuple[Sample, ...], since: float) -> list[tuple[float, float]]:
    """When users were hurt: begin and end of each such sample after `since`."""
    calm = [_bad_share(sample) for sample in samples if sample.at <= since]
    limit = max(HURT, 2 * sum(calm) / len(calm) if calm else 0.0)
    return [(s.at - s.length, s.at) for s in samples if s.at > since and _bad_share(s) > limit]


def _trouble(trace: Trace, spans: list[tuple[float, float]], turned: Decided | None) -> float | None:
    """When it began: the first harm after a fault struck; the strike itself when the engine went back before
    anybody was hurt."""
    began = _began(trace, *spans[0]) if spans else None
    if began is not None and (turned is None or began <= turned.at):
        return began
    if turned is None:
        return None
    return next((fault.since for fault in trace.faults if fault.since <= turned.at), None)


def _began(trace: Trace, begin: float, end: float) -> float:
    """When in the first bad sample it began: not before the strike, if a fault struck in it."""
    return max(min((fault.since for fault in trace.faults if begin < fault.since <= end), default=begin), 0.0)


def _finish(trace: Trace) -> float | None:
    return next((decided.at for decided in trace.decisions if decided.end), trace.lasted if trace.ended else None)


def _share_when_turned(trace: Trace, turned: Decided | None) -> float | None:
    if turned is None:
        return None
    seen = candidate_share(trace, turned)
    return seen if seen is not None else trace.share_of_step(turned.step)


def _broken(trace: Trace) -> bool:
    return any(note.kind == "broken" for note in trace.notes)


def _mood(trace: Trace, harm: Harm | None) -> Mood:
    unmet = any(not wish.get("met", True) for wish in trace.end.get("expectations") or ())
    if _broken(trace) or unmet or trace.ended in ("rollback failed", "needs operator"):
        return "bad"
    if not trace.ended:
        return "open"
    return "good" if trace.ended == "succeeded" and not (harm and harm.failed_share > HURT) else "mixed"


# -- one sentence ---------------------------------------------------------------------------------------------


def _with_headline(summary: Summary, trace: Trace) -> Summary:
    lost = trace.end.get("lost_writes")
    data = f"; {count(lost)} acknowledged writes are lost" if lost else ""
    sentence = f"{_what_became_of_it(summary, trace)}; {_what_users_felt(summary)}{data}."
    return Summary(sentence, *(getattr(summary, name) for name in Summary.__slots__ if name != "headline"))


def _what_became_of_it(summary: Summary, trace: Trace) -> str:
    broken = next((note for note in trace.notes if note.kind == "broken"), None)
    if broken:
        return f"An invariant broke at {clock(broken.at)}: {broken.what}"
    at = f" at {share(summary.turned_share)} of the traffic" if summary.turned_share else " before any user saw it"
    took = f" in {length(summary.finish)}" if summary.finish is not None else ""
    last = trace.decisions[-1] if trace.decisions else None
    return {
        "succeeded": f"{trace.candidate.capitalize()} took over{took}",
        "rolled back": f"Rolled back{at}",
        "aborted": f"Aborted by an operator{at}",
        "rollback failed": "The rollback failed and needs a person now",
        "needs operator": "The rollout stopped and asks a person",
    }.get(trace.ended, _where(last) if last else "Nothing was decided yet")


def _where(last: Decided) -> str:
    return f"The rollout has not ended, it is in {last.phase}" + (f", paused by {last.paused}" if last.paused else "")


def _what_users_felt(summary: Summary) -> str:
    harm = summary.harm
    if harm is None:
        return "no measurement tells what users felt"
    if harm.failed < 0.5:
        slow = harm.slow_share or 0.0
        none = (
            "no request failed" if harm.whose == "requests" else f"none of {count(harm.requests)} {harm.whose} failed"
        )
        return none + (f", {share(slow)} were slow" if slow > HURT else "")
    felt = f"{count(harm.failed)} of {count(harm.requests)} {harm.whose} failed ({share(harm.failed_share)})"
    if harm.unheard >= 0.5:
        felt += f", {count(harm.unheard)} of them reached nobody"
    if harm.page >= 0.5:
        felt += f", {count(harm.page)} got the page of the fallback ({share(harm.page / harm.requests)})"
    if summary.recover is not None and summary.turned_at is not None:
        felt += f", and users were well again {length(summary.recover)} after the trouble began"
    return felt
