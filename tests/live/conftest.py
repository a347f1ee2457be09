"""What all tests with real processes need."""

import pytest

from .shop import ROLLOUT, Server, stop_commands


@pytest.fixture
def aws(tmp_path):
    """moto's server with a live shop in it. Gives a maker of clients and the environment for the command."""
    server = Server(tmp_path)
    try:
        yield server.client, server.env
    finally:
        server.stop()


@pytest.fixture
def room(tmp_path):
    (tmp_path / "shop.rollout.yaml").write_text(ROLLOUT)
    return tmp_path


@pytest.fixture(autouse=True)
def no_leftovers():
    yield
    stop_commands()
