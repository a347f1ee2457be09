"""The seeds of the command line."""

from __future__ import annotations

import pytest


def seeds(text: str) -> list[int]:
    """`1-5` or `1,4,9`. Raises pytest.UsageError."""
    try:
        parts = [part.partition("-") for part in text.split(",")]
        found = [seed for low, dash, high in parts for seed in range(int(low), int(high if dash else low) + 1)]
    except ValueError:
        found = []
    if not found:
        raise pytest.UsageError(f"--bluegreen-seeds {text}: write it like 1-5 or 1,4,9")
    return found
