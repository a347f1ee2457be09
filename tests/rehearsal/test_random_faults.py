"""Any few faults at any moments: no invariant breaks, and the rollout reaches a named end."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluegreen.registry import kinds
from sim.faults.base import Fault
from sim.run import run
from sim.scenario import Scenario, built_in, plan_of

minutes = st.integers(1, 40).map(lambda n: f"{n}m")
shares = st.sampled_from(["5%", "10%", "50%", "100%"])
slots = st.sampled_from(["blue", "green"])
calls = st.sampled_from(["*", "route53:*", "autoscaling:*", "elbv2:*", "cloudwatch:*"]).map(lambda pattern: [pattern])
trouble = {"chance": st.sampled_from(["5%", "30%", "100%"]), "calls": calls}

OWN = {
    "bad_release": {"error_rate": shares},
    "slow_release": {"factor": st.sampled_from([2, 5, 20])},
    "leak": {"per_hour": shares},
    "crash_loop": {"every": minutes},
    "collapse": {"load": shares},
    "slow_boot": {"factor": st.sampled_from([2, 5])},
    "boot_failure": {"chance": shares},
    "az_loss": {"zone": st.sampled_from("abc")},
    "metric_gap": {"slot": slots | st.none()},
    "api_throttle": trouble,
    "api_error": trouble,
    "api_timeout": trouble,
    "lost_reply": trouble,
    "operator_abort": {},
    "operator_weights": {
        "weights": st.fixed_dictionaries(dict.fromkeys(["blue", "green"], st.sampled_from([0, 50, 255])))
    },
    "operator_scale_in": {"slot": slots, "instances": st.sampled_from([0, 1, 4])},
    "engine_crash": {"down": minutes},
}
PHASES = ["provision", "verify", "scale", "shift", "hold", "bake", "rollback", "drain", "retire"]
TRIGGER = (
    st.just({})
    | st.fixed_dictionaries({"at": minutes})
    | st.fixed_dictionaries({"share": st.sampled_from(["10%", "50%", "100%"])})
    | st.fixed_dictionaries({"phase": st.sampled_from(PHASES), "after": st.sampled_from(["0s", "7s", "90s"])})
)


@st.composite
def faults(draw):
    kind = draw(st.sampled_from(sorted(OWN)))
    own = draw(st.fixed_dictionaries(OWN[kind]))
    return {"kind": kind, "lasts": draw(minutes), **own, **draw(TRIGGER)}


@st.composite
def scenarios(draw):
    strategy = draw(
        st.sampled_from(
            [
                {"kind": "canary", "share": "10%", "hold": "5m"},
                {"kind": "all_at_once", "hold": "5m"},
                {"kind": "linear", "step": "25%", "hold": "5m"},
            ]
        )
    )
    cloud = {
        "balancer": draw(st.sampled_from(["application", "classic"])),
        "record": draw(st.sampled_from(["weighted", "simple"])),
    }
    change = {"strategy": strategy, "drain": {"below": "1%"}, "retire": draw(st.sampled_from(["remove", "keep"]))}
    return {
        "about": "drawn",
        "change": change,
        "cloud": cloud,
        "faults": draw(st.lists(faults(), min_size=1, max_size=4)),
    }


def test_no_fault_of_the_folder_is_left_out_here():
    assert set(OWN) == set(kinds("sim.faults", Fault))


@pytest.mark.slow
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(), st.integers(0, 10**6))
def test_any_faults_end_in_a_named_end_without_a_broken_invariant(text, seed):
    scenario = Scenario.model_validate(text)
    done = run(scenario, plan_of(scenario, built_in()["all-well"], None), seed)
    assert not done.broken
    assert done.rollout.end is not None
