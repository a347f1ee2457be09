"""`bluegreen refuse`, from another terminal."""

from __future__ import annotations

from bluegreen.cli._ask import asking

refuse = asking("refuse", "Withhold the consent that a manual check waits for.")
