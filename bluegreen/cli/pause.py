"""`bluegreen pause`, from another terminal."""

from __future__ import annotations

from bluegreen.cli._ask import asking

pause = asking("pause", "Change nothing any more, until it is resumed; a failing gate still sends users back.")
