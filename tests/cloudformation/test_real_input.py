"""A public template as AWS publishes it, beside the project; nothing of it is in the project."""

from pathlib import Path

import pytest

from bluegreen.model import Presence, Slot
from tests.cloudformation.conftest import create, settle
from tests.cloudformation.templates import CERTIFICATE, GIVEN

SAMPLE = Path(__file__).resolve().parents[2] / "../shared/inputs/AutoScalingMultiAZWithNotifications.yaml"
PARAMETERS = {
    "OperatorEMail": "ops@example.com",
    "KeyName": "ops",
    "KmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/0f6b5a54-0000-4000-8000-000000000000",
    "CertificateArn": CERTIFICATE,
    "SecurityGroups": ["sg-0a1b2c3d4e5f60718"],
    "Subnets": GIVEN["Subnets"],
    "AZs": ["us-east-1a", "us-east-1b"],
    "VPC": GIVEN["Vpc"],
}

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the public sample is not beside the project")


def test_the_public_sample_becomes_an_environment_and_goes_again(stack):
    with stack(SAMPLE.read_text(), PARAMETERS) as it:
        assert it.way.problems() == ()
        assert create(it).presence is Presence.READY
        it.wait(minutes=6)
        assert it.way.look().healthy == it.world.places[Slot.GREEN].fleet.healthy == 1
        it.way.remove()
        assert settle(it).presence is Presence.ABSENT


def test_the_public_sample_without_its_parameters_is_told_all_that_is_missing(stack):
    with stack(SAMPLE.read_text(), {}) as it:
        assert {problem.split(".")[3].split(":")[0] for problem in it.way.problems()} == set(PARAMETERS)
