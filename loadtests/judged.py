"""Limits and a verdict for any load test: `locust -f mine.py,loadtests/judged.py --verdict results --p95-below 800ms`.

Exit codes: 0 good, 1 a limit was broken, 2 invalid: the load generator did not do what was asked, so nobody knows.
"""

from __future__ import annotations

import loadtests.verdict  # noqa: F401 - all of it is there, since locust may load this file a second time
