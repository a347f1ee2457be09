"""`bluegreen accept`, from another terminal."""

from __future__ import annotations

from bluegreen.cli._ask import asking

accept = asking("accept", "Give the consent that a manual check waits for.")
