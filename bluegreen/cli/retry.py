"""`bluegreen retry`, from another terminal."""

from __future__ import annotations

from bluegreen.cli._ask import asking

retry = asking("retry", "Try this phase once more, from its beginning.")
