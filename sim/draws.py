"""Random lengths of time and counts, and generators that do not disturb each other."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from math import exp

import numpy as np
from numpy.random import Generator


def generator(seed: int, name: str) -> Generator:
    """A generator of its own for each name: a new draw in one part of the world does not shift the others."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def lognormal(rng: Generator, mean: timedelta, spread: float) -> timedelta:
    """A length of time whose logarithm is normal with standard deviation `spread`."""
    return mean * exp(spread * float(rng.standard_normal()) - spread * spread / 2)


def binomial(rng: Generator, count: int, p: float) -> int:
    """How many of `count` succeed, each with probability `p`. What is certain costs no draw."""
    if p <= 0 or p >= 1 or count <= 0:
        return count if p >= 1 else 0
    return int(rng.binomial(count, p))
