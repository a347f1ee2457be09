"""Locusts of a test are ended with it, whatever becomes of it."""

import pytest

from .places import Locust


@pytest.fixture
def locust(tmp_path):
    """Begin one: files, arguments."""
    begun = []

    def begin(files, *arguments):
        begun.append(Locust(files if isinstance(files, list) else [files], tmp_path, *arguments))
        return begun[-1]

    yield begin
    for each in begun:
        each.close()
