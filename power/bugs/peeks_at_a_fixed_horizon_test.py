"""A test that is made for one look at the end (5 % false alarms) is asked in every look.

Kayenta: Mann-Whitney with a fixed horizon, repeated on a growing window; false alarms add up.
"""

from dataclasses import replace
from math import sqrt

from bluegreen.gates.proportion import ProportionGate
from bluegreen.model import Verdict
from power.bug import Bug

FIVE_PERCENT = 1.645


def wrong(right, gate, evidence):
    said = right(gate, evidence)
    (ours, bad), (theirs, theirs_bad) = (counted(gate, evidence, slot) for slot in (evidence.candidate, evidence.live))
    pooled = (bad + theirs_bad) / max(1, ours + theirs)
    if not ours or not theirs or not 0 < pooled < 1:
        return said
    deviations = (bad / ours - theirs_bad / theirs) / sqrt(pooled * (1 - pooled) * (1 / ours + 1 / theirs))
    return replace(said, verdict=Verdict.FAIL) if deviations > FIVE_PERCENT else said


def counted(gate, evidence, slot):
    seen = [both for at, both in gate.tally(slot, evidence.seen).items() if at >= evidence.since]
    return sum(requests for requests, _ in seen), sum(bad for _, bad in seen)


BUG = Bug(ProportionGate, "verdict", wrong)
