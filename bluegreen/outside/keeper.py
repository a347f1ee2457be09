"""Runs one command and never lets it outlive its time, or the engine.

    python -I keeper.py SECONDS OUTPUT -- PROGRAM ARGUMENT...

A process of its own beside the engine: it ends the command's whole process group at the time limit, when it is told to
end itself, and when its own standard input is closed, which is what the death of an engine looks like, however sudden.
What the command writes goes to the file OUTPUT, of which only the end is kept when it grows large; what became of it is
one line of JSON on standard output.

It is run by its path and imports nothing of ours, so that no file in the command's folder, and no variable meant for
the command, can take the place of what it needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path

POLITELY = 5.0
"""Seconds between asking a command to end and making it end, at its time limit."""
SOON = 2.0
"""The same when nobody wants it any more: the engine waits for that, or is dead."""
MOST, KEPT = 10_000_000, 1_000_000
"""So many bytes of output may become a file; then only so many of the last ones are kept. It stands beside the
journal, whose disk must not fill up."""
CUT = b"(what was written before is not kept)\n"
PIECE = 65_536


def main(arguments: Sequence[str]) -> int:
    """Returns 0 whatever the command did: that is in the line of JSON."""
    limit, output, _, *command = arguments
    try:
        sink = _opened(Path(output))
    except OSError as error:
        return _tell(error=f"{output} cannot be written: {error.strerror}")
    begun = _heeding_signals()
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        return _tell(error=f"{command[0]} cannot be started: {error.strerror}")
    begun(child)
    copier = threading.Thread(target=_copy, args=(child, sink), daemon=True)
    copier.start()
    threading.Thread(target=_end_with_the_engine, args=(child,), daemon=True).start()
    try:
        code = child.wait(float(limit))
    except subprocess.TimeoutExpired:
        _end(child, POLITELY)
        child.wait()
        return _tell(late=True)
    _signal(child.pid, signal.SIGKILL)  # what it left in the background
    copier.join(POLITELY)  # longer only if something has left its group with the output still open
    return _tell(code=code)


def _heeding_signals() -> Callable[[subprocess.Popen[bytes]], None]:
    """From now on a signal that would end the keeper ends the command first; who begins the command says which it is.
    A signal that came before that counts then."""
    begun: list[subprocess.Popen[bytes]] = []
    told: list[int] = []

    def heed(number: int, _frame: object) -> None:
        told.append(number)
        for child in begun:
            _end_soon(child)

    def it_is(child: subprocess.Popen[bytes]) -> None:
        begun.append(child)
        if told:
            _end_soon(child)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, heed)
    return it_is


def _opened(output: Path) -> FileIO:
    """Nobody else may read it: nobody knows what a command writes."""
    return FileIO(output, "w+", opener=lambda path, flags: os.open(path, flags, 0o600))


def _copy(child: subprocess.Popen[bytes], sink: FileIO) -> None:
    assert child.stdout is not None
    while piece := os.read(child.stdout.fileno(), PIECE):
        with contextlib.suppress(OSError):  # a full disk is no reason to let the command wait for ever
            _write(sink, piece)


def _write(sink: FileIO, piece: bytes) -> None:
    if sink.tell() + len(piece) > MOST:
        sink.seek(-KEPT, os.SEEK_END)
        end = sink.read()
        sink.seek(0)
        sink.truncate()
        sink.write(CUT + end)
    sink.write(piece)


def _end(child: subprocess.Popen[bytes], patience: float) -> None:
    _signal(child.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(patience)
    _signal(child.pid, signal.SIGKILL)


def _end_with_the_engine(child: subprocess.Popen[bytes]) -> None:
    os.read(sys.stdin.fileno(), 1)
    _end_soon(child)


def _end_soon(child: subprocess.Popen[bytes]) -> None:
    _end(child, SOON)
    os._exit(1)


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _tell(**what: object) -> int:
    sys.stdout.write(json.dumps(what) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
