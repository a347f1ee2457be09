"""Where this machine's locks are: one for each service in each account and region, whichever folders its engines keep
their journals in. Each engine signs it, and says where its journal is: so all of them can be found.
"""

from __future__ import annotations

import os
from pathlib import Path

from bluegreen.errors import UserError

VARIABLE = "XDG_STATE_HOME"


def lock_of(service: str, account: str, region: str) -> Path:
    """The service's lock; it is made when it is first taken. Raises UserError when there is no place for it."""
    return _state() / account / region / f"{service}.lock"


def _state() -> Path:
    """Of this user (XDG Base Directory Specification: a path that is not absolute is to be ignored)."""
    chosen = Path(os.environ.get(VARIABLE, ""))
    try:
        return (chosen if chosen.is_absolute() else Path.home() / ".local" / "state") / "bluegreen"
    except RuntimeError as error:
        raise UserError(f"there is no home folder to keep locks in; name a folder in {VARIABLE}") from error
