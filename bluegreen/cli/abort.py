"""`bluegreen abort`, from another terminal."""

from __future__ import annotations

from bluegreen.cli._ask import asking

abort = asking("abort", "Go back: users return to the slot that was live.")
