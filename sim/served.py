"""What became of the requests of a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Served:
    """In requests, as the balancer sees them: each attempt of a client is one. Those whose fate was settled in this
    stretch are counted once:

        requests = unreachable + rejected + dead + shed + failed + answered

    Some may have come before, and some of the `arrived` still wait or are to be tried again:

        arrived + again = requests + what `waiting` grew by
    """

    requests: int
    unreachable: int = 0  # no balancer, or a lost node of it: the client gets no answer at all
    rejected: int = 0  # 503 of the balancer: not warm enough, knows no machine, surge queue full
    dead: int = 0  # sent to a machine that did not answer, or not in time
    shed: int = 0  # 503 of a machine with a full queue
    failed: int = 0  # 500 of the software
    slow: float = 0.0  # of those answered: slower than asked
    utilisation: float = 0.0
    latency: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    """p50, p90, p95, p99 and mean of those answered, in seconds."""
    spilled: int = 0  # of the rejected: a classic balancer's surge queue was full (SpilloverCount)
    timed_out: int = 0  # of the dead: 504, no connection or no answer in time; the others are 502...
    given_up: int = 0  # ...or not 5xx at all: the client had gone (460)
    surge: int = 0  # the most that waited in a classic balancer (SurgeQueueLength)
    arrived: int = 0  # first attempts that users made
    again: int = 0  # further attempts that they made
    to_retry: float = 0.0  # of the errors: will be tried again
    waiting: int = 0  # at the end, in queues

    @property
    def errors(self) -> int:
        """Attempts that failed. A user met `errors - to_retry` failures for good."""
        return self.unreachable + self.rejected + self.dead + self.shed + self.failed

    @property
    def answered(self) -> int:
        return self.requests - self.unreachable - self.rejected - self.dead - self.shed - self.failed

    @property
    def routed(self) -> int:
        """Requests for which the balancer chose a machine: its RequestCount."""
        return self.requests - self.unreachable - self.rejected

    @property
    def elb_5xx(self) -> int:
        """The balancer's own errors: HTTPCode_ELB_5XX_Count."""
        return self.rejected + self.dead - self.given_up

    @property
    def elb_502(self) -> int:
        """A machine that refused the connection."""
        return self.dead - self.timed_out - self.given_up

    def __add__(self, other: Served) -> Served:
        """Both, one after the other."""
        done, more = self.answered, other.answered
        total = done + more or 1
        weigh = (done / total, more / total) if done + more else (0.5, 0.5)
        a, b = self.latency, other.latency
        x, y = weigh
        return Served(
            self.requests + other.requests,
            self.unreachable + other.unreachable,
            self.rejected + other.rejected,
            self.dead + other.dead,
            self.shed + other.shed,
            self.failed + other.failed,
            self.slow + other.slow,
            max(self.utilisation, other.utilisation),
            (
                x * a[0] + y * b[0],
                x * a[1] + y * b[1],
                x * a[2] + y * b[2],
                x * a[3] + y * b[3],
                x * a[4] + y * b[4],
            ),
            self.spilled + other.spilled,
            self.timed_out + other.timed_out,
            self.given_up + other.given_up,
            max(self.surge, other.surge),
            self.arrived + other.arrived,
            self.again + other.again,
            self.to_retry + other.to_retry,
            other.waiting,
        )
