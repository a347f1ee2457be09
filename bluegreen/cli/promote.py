"""`bluegreen promote`, from another terminal."""

from __future__ import annotations

from bluegreen.cli._ask import asking

promote = asking("promote", "This watch has been long enough: go on to the next step, unless a gate fails.")
