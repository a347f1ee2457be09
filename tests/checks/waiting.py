"""Real things take real time: ask until it is so."""

import time


def until(ask, seconds=20.0):
    """What `ask` gives as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError("it never came to be")


def ended(runner, run):
    """The view of a run once it is over."""
    until(lambda: runner.look(run).state != "running")
    return runner.look(run)
