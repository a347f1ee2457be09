"""How fast each way moves nearly everybody, in the world: the table of docs/traffic.md is what is measured here."""

import re
from pathlib import Path

import pytest

from bluegreen.units import parse_duration, show_about
from sim.tiers import Tier

from .conftest import BLUE, GREEN
from .test_movers import WAYS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "traffic.md"
STICKY = {"traffic": {"kind": "target_groups", "stickiness": "4m"}}
SERVICE = {"name": "shop", "zone": "example.com", "record": "www.example.com", "records": "cname", "ttl": "10s"}
ROWS = {
    "route53, alias (60 s)": WAYS["route53"].plan,
    "route53, cname with 10 s": {"service": SERVICE},
    "target_groups": WAYS["target_groups"].plan,
    "target_groups, sticky for 4 min": STICKY,
    "beanstalk_swap": WAYS["beanstalk_swap"].plan,
    "group_swap": WAYS["group_swap"].plan,
}


def moved_in(setting, *shares):
    """From the first `set` until these shares of the requests go to green, by someone who looks every 15 s, as the
    engine does."""
    begun, times = setting.world.clock.now(), []
    for second in range(3600):
        if second % 15 == 0:
            setting.ports.traffic.set({BLUE: 0, GREEN: 100})
        setting.wait(seconds=1)
        setting.world.settle()
        if setting.world.clients.share()[GREEN] >= shares[len(times)]:
            times.append(setting.world.clock.now() - begun)
        if len(times) == len(shares):
            return times
    raise AssertionError("they never moved")


def told():
    """The page's table: way -> times for 90 % and 95 % of the users."""
    found = re.findall(r"^\| ([^|`]+?) \| ([0-9hms]+) \| ([0-9hms]+) \|", PAGE.read_text(), re.MULTILINE)
    return {name: [parse_duration(time) for time in times] for name, *times in found}


@pytest.mark.parametrize("tier", [Tier.MEMORY], indirect=True)
@pytest.mark.parametrize("row", ROWS)
def test_nearly_all_users_move_in_the_time_that_the_page_tells(make, row):
    setting = make(plan=ROWS[row], demand={"rate": 10})
    setting.create_green()
    setting.wait(minutes=5)
    if "sticky" in row:  # the live target group has handed out its cookies
        setting.world.dns.change({BLUE: 999, GREEN: 0}, sticky=True)
        setting.wait(minutes=5)
    measured = moved_in(setting, 0.9, 0.95)
    seconds = [[time.total_seconds() for time in times] for times in (told()[row], measured)]
    assert seconds[0] == pytest.approx(seconds[1], rel=0.1, abs=5), [show_about(time) for time in measured]


def test_the_page_tells_of_every_way_that_is_measured():
    assert set(told()) == set(ROWS)
