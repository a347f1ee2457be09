"""AWS's process, begun before anybody has read what it shall play: its start takes longest of all."""

from __future__ import annotations

import queue
from dataclasses import asdict
from typing import Any

from stage.config import Config
from stage.processes import Child, module

Events = queue.SimpleQueue[tuple[str, Any]]
"""Who says what: a process's name, and a line of it or its exit code."""
AWS = "AWS"


class Early:
    """Enter it to begin. Whoever leaves it without having told it what to play leaves nothing behind."""

    def __init__(self) -> None:
        self.events: Events = queue.SimpleQueue()
        self.child = Child(
            AWS,
            module("stage.cloud"),
            listen=lambda line: self.events.put((AWS, line)),
            ended=lambda code: self.events.put((AWS, code)),
            merged=True,
        )

    def __enter__(self) -> Early:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.stop()

    def play(self, config: Config) -> Child:
        """Tell it. What it said on standard error until now, and says later, is for the log of the drill."""
        self.child.log = config.folder / "aws.log"
        self.child.log.touch()
        self.child.tell(**asdict(config))
        return self.child
