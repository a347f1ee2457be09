"""The order of the tests: those that take minutes, mostly of waiting, are spread among the others, so that workers
do not all wait at once, or one of them alone at the end. And Ctrl-C, which tests send to what they start, and what
Hypothesis reads, and what came of the catalogue."""

import os
import signal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LONG = ("/live/", "/stage/", "/loadtests/", "/power/", "test_interruptions.py", "/properties/")


@pytest.fixture(scope="session")
def came_of(tmp_path_factory):
    """What came of each scenario of the catalogue on the memory tier, by name: `tests/catalogue.py`."""
    from tests.catalogue import catalogue

    own = tmp_path_factory.getbasetemp()
    return catalogue(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type a command in an empty folder without AWS; get exit code, stdout and stderr."""
    from bluegreen.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("socket.socket.connect", None)

    def run(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


def pytest_configure():
    """What a shell starts in the background ignores SIGINT, and hands that on to all that is started from there."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    slow = [item for item in items if any(part in str(item.path) for part in LONG)]
    quick = [item for item in items if item not in slow]
    if not slow or len(quick) < len(slow):
        return
    step = len(quick) // (len(slow) + len(slow) // 3 + 1)  # none in the last quarter
    for place, item in enumerate(slow):
        quick.insert(place * (step + 1), item)
    items[:] = quick


def pytest_collection_finish(session):
    """At its first draw Hypothesis reads all that is loaded of this project, for numbers to try. That takes a second or
    more, which it would take for slow input: let it read before the first test."""
    if session.items:
        one_number()


@settings(max_examples=1, database=None, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers())
def one_number(number):
    """Whichever."""
