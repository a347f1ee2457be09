"""Requests of the steps before count as evidence of this one.

Kayenta's window grows from the start of the canary: what was good at 10 % says that it is good at 50 %.
"""

from dataclasses import replace
from datetime import timedelta

from bluegreen.gates.base import Gate
from power.bug import Bug


def wrong(right, gate, said, evidence):
    return right(gate, said, replace(evidence, since=evidence.since - timedelta(hours=1)))


BUG = Bug(Gate, "_sampled", wrong)
