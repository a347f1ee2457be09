"""Believable traces without a world: the journal's real entries, with samples, faults and an end around them.

A small queue-free model: weights move, caches follow exponentially, the candidate fails a share of its requests.
"""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bluegreen.journal.entries import ENTRY, Decided, Failed, Resumed, Started
from bluegreen.model import (
    CreateEnvironment,
    Decision,
    End,
    EnvironmentView,
    HoldScaleIn,
    Judgement,
    Observation,
    Phase,
    Point,
    Presence,
    Query,
    Reading,
    RemoveEnvironment,
    RemoveRecord,
    Rollout,
    SetCapacity,
    SetWeights,
    Slot,
    TrafficView,
    Trouble,
    Verdict,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BLUE, GREEN = Slot.BLUE, Slot.GREEN
INVARIANTS = [
    "never all weights zero",
    "never raise the weight of a slot seen unhealthy",
    "no weight beyond what its capacity can carry",
    "no slot removed while clients still reach it",
    "only resources of this rollout are removed",
    "no action after the end",
]


class Writer:
    """Tells a rollout step by step, and keeps the world's samples in time with it."""

    def __init__(self, scenario, about, steps, *, error_rate=0.0, stretch=300.0, samples=True):
        self.lines, self.at, self.steps = [], 0, steps
        self.error_rate, self.stretch, self.with_samples = error_rate, stretch, samples
        self.rollout = Rollout("shop-1", BLUE, Phase.PROVISION, START, START, live_capacity=20)
        self.weights, self.answers, self.share, self.stale = {BLUE: 100, GREEN: 0}, 0.0, 0.0, 0.0
        self.quick = self.slow = 0.0  # two kinds of caches: honest ones, and 15% that stretch
        self.instances, self.wanted, self.leak = {BLUE: 20.0, GREEN: 0.0}, {BLUE: 20, GREEN: 0}, 0.0
        self.history = []
        self.line(
            kind="header",
            rollout={"service": "shop", "record": "shop.example.com", "zone": "example.com"},
            scenario=scenario,
            about=about,
            seed=7,
            plan="3f2a9c11d0e4",
            steps=[{"share": share, "hold": "10m"} for share in steps],
            live="blue",
            candidate="green",
            ttl=60,
            assumptions=[
                "11% of clients keep an answer for 522 s on average, whatever its TTL says",
                "a new instance serves after 123 s (median)",
                "CloudWatch publishes a minute 60 s after it ended",
            ],
            notes=[
                "template: AWS::CloudWatch::Alarm CPUAlarmHigh was passed over: the rehearsal has alarms of its own"
            ],
            invariants=INVARIANTS,
        )
        self.entry(Started(START, "3f2a9c11d0e4", self.rollout))

    def line(self, **content):
        self.lines.append(json.dumps(content))

    def entry(self, entry):
        self.lines.append(ENTRY.dump_json(entry).decode())

    @property
    def now(self):
        return START + timedelta(seconds=self.at)

    def fault(self, name, change, about=""):
        self.line(kind="fault", at=self.now.isoformat(), fault=name, change=change, about=about)

    def decide(self, why, phase=None, step=None, *, actions=(), judgements=(), wait=30, end=None):
        phase = phase or self.rollout.phase
        since = self.now if phase != self.rollout.phase else self.rollout.since
        rollout = replace(
            self.rollout,
            phase=phase,
            since=since,
            looks=self.rollout.looks + 1,
            end=end,
            step=self.rollout.step if step is None else step,
        )
        seen = Observation(self.now, TrafficView(dict(self.weights), True), self.views(), self.readings())
        decision = Decision(rollout, timedelta(seconds=wait), why, tuple(actions), tuple(judgements))
        self.entry(Decided(self.now, seen, decision))
        self.rollout = rollout
        for action in actions:
            if isinstance(action, SetWeights):
                self.weights = dict(action.weights)
            if isinstance(action, SetCapacity):
                self.wanted[action.slot] = action.instances
            if isinstance(action, CreateEnvironment):
                self.wanted[action.slot] = 1
            if isinstance(action, RemoveEnvironment):
                self.wanted[action.slot] = self.instances[action.slot] = 0
            if isinstance(action, RemoveRecord):
                self.weights.pop(action.slot)
        if wait:
            self.pass_time(wait)

    def views(self):
        return {
            slot: EnvironmentView(Presence.READY if n else Presence.CREATING, self.wanted[slot], int(n), int(n), int(n))
            for slot, n in self.instances.items()
        }

    def readings(self):
        points = self.history[-5:]
        return tuple(
            Reading(Query(measure, slot), tuple(Point(at, values[measure, slot]) for at, values in points))
            for measure in ("requests", "errors", "latency_p99")
            for slot in (BLUE, GREEN)
        )

    def pass_time(self, seconds):
        """The world goes on, a sample each 30 s, a minute of metrics each 60 s."""
        for _ in range(0, seconds, 30):
            self.at += 30
            total = sum(self.weights.values())
            self.answers += (self.weights.get(GREEN, 0) / total - self.answers) * 0.8
            self.quick += (self.answers - self.quick) * (1 - math.exp(-30 / 60))
            self.slow += (self.answers - self.slow) * (1 - math.exp(-30 / self.stretch))
            self.share = 0.85 * self.quick + 0.15 * self.slow
            self.stale = 0.02 + abs(self.answers - self.share)
            for slot in (BLUE, GREEN):
                gap = self.wanted[slot] - self.instances[slot]
                self.instances[slot] += max(min(gap, 1.5), -1.5)
            self.sample()

    def sample(self):
        demand = 1800 + 700 * math.sin(self.at / 2600) + 25 * math.sin(self.at * 1.7)
        share = {BLUE: 1 - self.share, GREEN: self.share}
        requests = {slot: demand * part for slot, part in share.items()}
        capacity = {slot: 150 * n for slot, n in self.instances.items()}
        bad = self.error_rate * (1 + self.leak * self.share)
        errors = {
            BLUE: max(requests[BLUE] - capacity[BLUE], 0) if self.share < 1 else 0,
            GREEN: min(requests[GREEN], requests[GREEN] * bad),
        }
        load = {slot: min(requests[slot] / capacity[slot], 0.97) if capacity[slot] else 0 for slot in (BLUE, GREEN)}
        latency = {slot: 0.18 / (1 - load[slot]) + 0.004 * math.sin(self.at) for slot in load if capacity[slot]}
        if self.at % 60 == 0:
            values = {("requests", s): round(requests[s] * 60) for s in requests}
            values |= {("errors", s): round(errors[s] * 60) for s in requests}
            values |= {("latency_p99", s): latency.get(s, 0.0) for s in requests}
            self.history.append((self.now - timedelta(seconds=60), values))
        if not self.with_samples:
            return
        self.line(
            kind="sample",
            at=self.now.isoformat(),
            weights=self.weights,
            answers={BLUE: 1 - self.answers, GREEN: self.answers},
            share=share,
            stale=self.stale,
            demand=demand,
            requests=requests,
            errors=errors,
            slow={slot: requests[slot] * max(0.0, load[slot] - 0.85) for slot in load},
            latency_p50={slot: value / 4 for slot, value in latency.items()},
            latency_p99=latency,
            capacity=capacity,
            instances={
                slot: {"desired": self.wanted[slot], "in_service": int(n), "healthy": int(n)}
                for slot, n in self.instances.items()
            },
        )

    # -- the parts of a story ---------------------------------------------------------------------------------

    def prepare(self):
        self.decide("the candidate does not exist yet", actions=[CreateEnvironment(GREEN), HoldScaleIn(BLUE, True)])
        for _ in range(3):
            self.decide("green is being created: 0 of 1 instances are healthy")
        self.decide("green stands: its balancer is active and its target group knows 1 instance", Phase.VERIFY)
        for minute in range(1, 4):
            self.decide(f"1 of 1 instances of green are healthy since {minute * 30} s; 2m are asked for")

    def step(self, index, share, hold=10):
        need = math.ceil(20 * share * 1.2) + 1
        grow = [SetCapacity(GREEN, need)]
        self.decide(
            f"step {index + 1} gives green {share:.0%} of the traffic and needs {need} instances; it has"
            f" {int(self.instances[GREEN])}",
            Phase.SCALE,
            index,
            actions=grow,
        )
        while self.instances[GREEN] < need:
            self.decide(f"{int(self.instances[GREEN])} of {need} instances of green are healthy")
        weights = {BLUE: round(100 - 100 * share), GREEN: round(100 * share)}
        why = f"green is healthy with {need} instances, enough for {share:.0%} and the margin of 20%"
        self.decide(why, Phase.SHIFT, index, actions=[SetWeights(weights)], wait=60)
        self.decide("all Route 53 servers answer with the new weights", Phase.HOLD, index, wait=60)
        for minute in range(1, hold):
            if self.gate_fails():
                return False
            gates = [
                Judgement("errors", Verdict.PASS, f"{self.error_rate:.2%} of green's requests failed, at most 1% may")
            ]
            self.decide(f"held {minute} of {hold} min, all gates pass", judgements=gates, wait=60)
        return True

    def gate_fails(self):
        return self.error_rate * (1 + self.leak * self.share) > 0.01 and self.share > 0.27

    def finish(self, leaving, end, quiet=5):
        floor = f"weights changed; caches may answer with {leaving} for their TTL of 1m"
        self.decide(f"100% of the answers name {leaving.other}: {floor}", Phase.DRAIN, wait=60)
        while (self.share if leaving is GREEN else 1 - self.share) > 0.001:
            self.decide(
                f"CloudWatch still shows {abs((leaving is BLUE) - self.share):.2%} of all requests on {leaving}",
                wait=60,
            )
            if self.at > 4 * 3600:
                break
        for minute in range(1, quiet):
            self.decide(f"no request has reached {leaving} for {minute} of {quiet} min", wait=60)
        actions = [RemoveRecord(leaving)]
        self.decide(
            f"no request has reached {leaving} for {quiet}m: nobody uses it any more", Phase.RETIRE, actions=actions
        )
        self.decide(f"the record of {leaving} is gone", actions=[RemoveEnvironment(leaving)], wait=60)
        self.decide(f"{leaving} is removed", actions=[HoldScaleIn(leaving.other, False)], wait=30)
        self.decide(f"all traffic is on {leaving.other} and nothing is left over", Phase.DONE, wait=0, end=end)

    def end(self, verdict="as expected", **expectations):
        self.line(
            kind="end",
            at=self.now.isoformat(),
            end=self.rollout.end,
            verdict=verdict,
            expectations=[
                {"name": name.replace("_", " "), "wanted": wanted, "got": got, "met": met}
                for name, (wanted, got, met) in expectations.items()
            ],
        )
        return self.lines


TEN = [n / 10 for n in range(1, 11)]


def good():
    """Ten steps with three million users, nothing goes wrong."""
    tale = Writer("smooth-ten-steps", "everything goes well in 10% steps", TEN, error_rate=0.00002)
    tale.prepare()
    for index, share in enumerate(TEN):
        tale.step(index, share)
    tale.decide("the last step was held without a failing gate", Phase.BAKE, wait=60)
    for minute in range(1, 10):
        tale.decide(f"baked {minute} of 10 min, all gates pass", wait=60)
    tale.finish(BLUE, End.SUCCEEDED)
    return tale.end(end=("succeeded", "succeeded", True), failed_requests=("at most 0.1%", "0.002%", True))


def bad(**options):
    """Green fails more the more traffic it has; at 30% the gate says so, and traffic goes back."""
    tale = Writer(
        "green-errors-at-30",
        "green answers with errors that grow with its load",
        [0.05, 0.15, 0.3, 0.6, 1.0],
        error_rate=0.0004,
        **options,
    )
    tale.prepare()
    for index, share in enumerate([0.05, 0.15, 0.3]):
        if index == 2:
            tale.leak = 900.0
            tale.fault("bad release: errors", "strikes", "27% of green's answers at 30% of the traffic are HTTP 500")
        if not tale.step(index, share):
            break
    fails = [
        Judgement("errors", Verdict.FAIL, "11% of green's requests failed, at most 1% may"),
        Judgement("latency", Verdict.PASS, "p99 is 0.2 s, at most 0.8 s"),
        Judgement("cpu alarm", Verdict.UNKNOWN, "INSUFFICIENT_DATA is no evidence"),
    ]
    back = SetWeights({BLUE: 100, GREEN: 0})
    tale.decide(
        "gate errors: 11% of green's requests failed, at most 1% may; blue has 20 of 20 instances",
        Phase.ROLLBACK,
        actions=[back],
        judgements=fails,
        wait=5,
    )
    tale.entry(
        Failed(
            tale.now, back, Trouble("set the weights", "route53 ChangeResourceRecordSets: Throttling: Rate exceeded")
        )
    )
    tale.decide("weights are still blue 70, green 30: ask again", actions=[back], wait=60)
    tale.entry(Resumed(tale.now, "engine 2 took over: the first one did not answer for 30 s"))
    tale.decide("blue answers for everybody; the change is in sync", wait=60)
    tale.finish(GREEN, End.ROLLED_BACK)
    tale.fault("bad release: errors", "heals")
    return tale.end(end=("rolled back", "rolled back", True), detect=("within 3m", "2m", True))


def stubborn():
    """Clients that ignore the TTL keep blue alive for an hour: blue must not be torn down."""
    tale = Writer(
        "stubborn-clients",
        "clients that ignore the TTL keep blue alive for an hour",
        [0.5, 1.0],
        stretch=1500.0,
        error_rate=0.0001,
    )
    tale.prepare()
    tale.fault("clients ignore the TTL", "strikes", "15% of clients ask again after 25 min on average")
    for index, share in enumerate([0.5, 1.0]):
        tale.step(index, share)
    tale.decide("the last step was held without a failing gate", Phase.BAKE, wait=60)
    for minute in range(1, 5):
        tale.decide(f"baked {minute} of 5 min, all gates pass", wait=60)
    tale.finish(BLUE, End.SUCCEEDED)
    return tale.end(
        verdict="expectation missed", end=("succeeded", "succeeded", True), finish=("within 1h", "1h 40m", False)
    )


def deployed():
    """A journal of a real deployment: no header, no samples, no end line."""
    lines = bad(samples=False)
    return [line for line in lines if json.loads(line)["kind"] in ("started", "decided", "failed", "resumed")]
