"""One page, asked for as a browser would: who needs it in a look must have the answer at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import urllib3

from bluegreen.clock import stopwatch
from bluegreen.errors import Unreachable
from bluegreen.outside.reading import TooLate, body_of

SECONDS = 5.0
LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was answered."""

    status: int
    body: bytes


Fetch = Callable[[str], Fetched]


def fetch(url: str) -> Fetched:
    """GET, redirects not followed. Raises Unreachable when nobody answers in time, to the last byte."""
    elapsed = stopwatch()
    try:
        with urllib3.PoolManager(retries=False) as pool:
            answer = pool.request("GET", url, timeout=urllib3.Timeout(total=SECONDS), preload_content=False)
            body = body_of(answer, LARGEST, timedelta(seconds=SECONDS), elapsed)
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable(f"GET {url}: {type(error).__name__}: {error}") from error
    except TooLate:
        raise Unreachable(f"GET {url}: the answer had not ended after {SECONDS:g}s") from None
    return Fetched(answer.status, body)
