"""What may be said about the cloud, and what is refused with good words."""

import pytest
from pydantic import ValidationError

from sim.cloudspec import CloudSpec

CHILD = {"name": "errors", "slot": "green", "measure": "error_rate", "threshold": 0.05}
PARENT = {"name": "any", "rule": "ALARM(errors)"}


def test_a_composite_alarm_stands_after_those_that_it_names():
    spec = CloudSpec.model_validate(
        {"alarms": [CHILD, PARENT, {"name": "all", "rule": "ALARM(any) AND ALARM(errors)"}]}
    )
    assert [alarm.name for alarm in spec.alarms] == ["errors", "any", "all"]


@pytest.mark.parametrize(
    ("alarms", "words"),
    [
        ([PARENT, CHILD], "alarm 1, any: its rule names errors, which is alarm 2 and comes after it: put it before"),
        ([PARENT], "alarm 1, any: its rule names errors, which is not among the alarms"),
        ([CHILD, {"name": "self", "rule": "OK(self)"}], "alarm 2, self: its rule names self, itself"),
        ([CHILD, CHILD], "alarm 2: there is an alarm errors before it already"),
    ],
)
def test_an_alarm_in_the_wrong_place_is_refused_by_name_and_place(alarms, words):
    with pytest.raises(ValidationError, match=words):
        CloudSpec.model_validate({"alarms": alarms})
