"""moto switched on: empty, quick to start, and the same by the same seed, whatever ran in this process before."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

SETTINGS: Mapping[str, str | None] = {
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "MOTO_ACCOUNT_ID": None,
    "AWS_PROFILE": None,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
}
"""moto would make 1,300 images at each start. And nothing that this machine is set to for AWS may lead a call past
moto. None: not set."""


@contextmanager
def switched_on(seed: int) -> Iterator[None]:
    """Inside, every boto3 client of the process talks to an empty moto, whose ids follow from the seed."""
    with _environment(SETTINGS):
        mock = mock_aws(config={"core": {"reset_boto3_session": False}})
        _empty()
        mock.start(reset=False)
        mock_random.seed(seed)
        try:
            yield
        finally:
            mock.stop()
            _empty()


def _empty() -> None:
    """moto's own reset makes some stores anew at once, before the next seed, so that ids would tell what ran before.
    Emptied, each store is made when it is first asked for."""
    modules = [module for name, module in sys.modules.items() if name.startswith("moto.") and name.endswith(".models")]
    for module in modules:
        for store in [value for value in vars(module).values() if isinstance(value, BackendDict)]:
            store.clear()
    BackendDict._instances.clear()


@contextmanager
def _environment(settings: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    _set(settings)
    try:
        yield
    finally:
        _set(before)


def _set(settings: Mapping[str, str | None]) -> None:
    for name, value in settings.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
