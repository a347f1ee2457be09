"""Processes of the stage: started on a leash, in a session of their own (Ctrl-C is for the drill alone), read line by
line, and always ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bluegreen.errors import UserError
from stage import leash

POLITELY = 3.0
"""Seconds between asking a process to end and making it end."""

Listen = Callable[[str], None]
Python = Sequence[str]


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", name, *arguments]


class Child:
    """One process. `listen` hears each line of its standard output, on a thread of its own; `ended`, once, its exit
    code (minus the signal that killed it). What it says on standard error goes to the file `log`, if there is one; when
    `merged`, the same way as the rest."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path | None = None,
        *,
        listen: Listen | None = None,
        ended: Callable[[int], None] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        merged: bool = False,
    ) -> None:
        self.name, self._listen, self._ended = name, listen, ended
        self.log = log
        with (log or Path(os.devnull)).open("ab") as sink:
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-S", "-E", leash.__file__, str(os.getpid()), *command],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE if listen else sink,
                    stderr=subprocess.STDOUT if merged else sink,
                    env=env,
                    cwd=cwd,
                    start_new_session=True,
                )
            except OSError as error:
                raise UserError(f"{name} cannot be started: {error.strerror}") from error
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, **content: Any) -> None:
        """One line of JSON to its standard input. Nothing when it is gone."""
        assert self.process.stdin is not None, "a pipe"
        with suppress(OSError, ValueError), self._lock:
            self.process.stdin.write(json.dumps(content).encode() + b"\n")
            self.process.stdin.flush()

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal. Nothing when it is gone."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill(self) -> None:
        """At once; `stop` still has to be called."""
        self.signal(signal.SIGKILL)

    def stop(self, patience: float = POLITELY) -> int:
        """Ask it to end, make it end, and wait until it has. Returns its exit code."""
        if self.running:
            self.signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
            self.kill()
        code = self.process.wait()
        self._reader.join()
        with suppress(OSError, ValueError), self._lock:
            assert self.process.stdin is not None, "a pipe"
            self.process.stdin.close()
        return code

    def last_words(self, lines: int = 3) -> str:
        """The end of its log, on one line."""
        with suppress(OSError):
            return (
                ""
                if self.log is None
                else " / ".join(self.log.read_text(errors="replace").strip().splitlines()[-lines:])
            )
        return ""

    def _read(self) -> None:
        if self.process.stdout is not None:
            assert self._listen is not None
            with self.process.stdout as output:
                for line in output:
                    self._listen(line.decode(errors="replace").rstrip("\n"))
        code = self.process.wait()
        if self._ended is not None:
            self._ended(code)


def stop_all(children: Sequence[Child]) -> None:
    """All of them, asked at the same time."""
    for child in children:
        child.signal(signal.SIGTERM)
    for child in children:
        child.stop()
