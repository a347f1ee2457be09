"""`bluegreen` on a machine whose clock runs as fast as the stage's.

    python -m stage.engine PACE deploy ROLLOUT --yes ...

Nothing of the engine is touched; at pace 1 the drill starts `bluegreen` itself, as anybody would.
"""

from __future__ import annotations

import sys

from bluegreen.cli import main
from stage.pace import Pace, living


def run(pace: str, arguments: list[str]) -> None:
    """Ends the process with the command's exit code."""
    with living(Pace.parse(pace)):
        main(arguments)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2:])
