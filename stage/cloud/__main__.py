"""Plays AWS until its standard input ends, of which the first line says what to play (`stage.config`, as JSON). What it
tells (it is ready, samples, faults, that the engine shall die) are lines of JSON on its standard output.

    python -m stage.cloud
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import ExitStack
from typing import Any

from bluegreen.errors import UserError
from stage.config import Config
from stage.pace import living


def say(**content: Any) -> None:
    """One line."""
    sys.stdout.write(json.dumps(content, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Returns the exit code. What takes long comes first: what to play is told meanwhile."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    from stage.cloud.stand import Stand  # noqa: PLC0415 - moto reads its settings when it is imported

    if not (line := sys.stdin.readline()):
        return 0
    config = Config.load(line)
    os.environ["MOTO_ACCOUNT_ID"] = config.account
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
    with ExitStack() as stack:
        stack.enter_context(living(config.clock))
        try:
            stand = stack.enter_context(Stand(config, say))
            stand.run(ended)
        except UserError as error:
            say(kind="error", why=str(error))
            return 4
    return 0


def _wait_for_the_end(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        """Nobody says anything here: the end is the message."""
    ended.set()


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # Python would take a second to tidy up moto's store
