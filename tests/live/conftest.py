"""What all tests with real processes need."""

import pytest

from .shop import ROLLOUT, Server, stop_commands


@pytest.fixture(scope="session")
def server():
    """To start one takes longer than most of what is asked of it."""
    started = Server()
    yield started
    started.stop()


@pytest.fixture
def aws(tmp_path, server):
    """moto's server with a live shop in it. Gives a maker of clients and the environment for the command."""
    server.begin_anew()
    return server.client, server.env(tmp_path)


@pytest.fixture
def room(tmp_path):
    (tmp_path / "shop.rollout.yaml").write_text(ROLLOUT)
    return tmp_path


@pytest.fixture(autouse=True)
def no_leftovers():
    yield
    stop_commands()
