"""What the users of one process did that locust does not count: lookups, and connections by address."""

from __future__ import annotations

from collections import Counter

TALLY: Counter[str] = Counter()
"""By names like `lookups`, `lookups failed`, `connections to 127.0.0.2`. Added up over workers."""
