"""Python's garbage collector rests during a run: all that a run makes lives until its end, so looking through it again
and again for what could go (circles of references; all else goes by itself) finds next to nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """Inside, nothing is collected. May be nested; whoever had switched it off finds it so afterwards."""
    worked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if worked:
            gc.enable()
