"""The same seeds give the same findings on any workers, also when some of them die."""

import os
import signal
from itertools import islice

import dask
import pytest
from click.testing import CliRunner
from distributed import LocalCluster

from bluegreen.errors import UserError
from sim.cli.explore import explore as command
from sim.explore import Budget, Here, Processes, explore
from sim.workers import WorkersLost
from sim.workers.dask import Dask
from tests.explore.conftest import short
from tests.explore.planted import credulous

METRICS = ("metric_gap", "metric_delay", "api_throttle")
TEN = Budget(runs=10)
LOST = "all of them are gone"


def by(workers, on_progress=lambda so_far: None):
    """What must not depend on who did the work."""
    budget = Budget(runs=20, failures=1)
    found = explore(short(plant=credulous), budget, workers=workers, kinds=METRICS, on_progress=on_progress)
    return found.findings, found.runs, found.failed, found.reached, found.stopped


def cluster(count):
    return LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)


@pytest.fixture(scope="module")
def alone():
    found = by(Here())
    assert found[0], "something was found"
    return found


WORKERS = [Processes(1), Processes(2), Dask(count=2)]


@pytest.mark.slow
@pytest.mark.parametrize("workers", WORKERS, ids=lambda workers: f"{type(workers).__name__} {workers.count}")
def test_the_same_seeds_give_the_same_findings_on_any_workers(workers, alone):
    assert by(workers) == alone


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2])
def test_the_findings_are_the_same_when_a_worker_of_a_cluster_is_killed(count, alone):
    with cluster(count) as there:
        victim = there.workers[0]
        before = victim.pid

        def kill(so_far):
            if so_far.runs == 3:
                os.kill(before, signal.SIGKILL)

        assert by(Dask(there.scheduler_address), kill) == alone
        assert victim.pid != before, "another one has taken its place"


@pytest.mark.slow
def test_the_findings_are_the_same_when_a_process_is_killed(alone):
    workers = Processes(2)

    def kill(so_far):
        if so_far.runs == 3:
            os.kill(workers.pids[0], signal.SIGKILL)

    assert by(workers, kill) == alone


def where(material, number):
    return number, os.getpid()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [Processes(2), Dask(count=1)], ids=["processes", "dask"])
def test_no_result_is_lost_or_comes_twice_when_a_worker_dies(workers, material):
    results = workers.results(where, material, range(200))
    first = next(results)
    os.kill(first[1], signal.SIGKILL)
    got = [first, *results]
    assert [number for number, _ in got] == list(range(200))
    assert {pid for _, pid in got} > {first[1]}, "others have gone on"


def deadly(material, number):
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.slow
@pytest.mark.parametrize("workers", [Processes(1), Dask(count=1)], ids=["processes", "dask"])
def test_a_run_that_kills_its_worker_each_time_is_told_of(workers, material):
    often = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with often, pytest.raises(WorkersLost, match="die again and again"):
        list(workers.results(deadly, material, range(20)))


class Mortal:
    """All of them die after so many results."""

    def __init__(self, count):
        self.count = count

    def results(self, job, material, items):
        yield from (job(material, item) for item in islice(items, self.count))
        raise WorkersLost(LOST)


def test_what_was_found_before_all_workers_were_lost_is_kept(alone):
    findings, runs = alone[:2]
    found = explore(short(plant=credulous), Budget(runs=40), workers=Mortal(runs - 1), kinds=METRICS)
    assert (found.stopped, found.lost, found.runs) == ("workers lost", LOST, runs)
    assert found.findings == findings


def test_the_command_tells_of_lost_workers_and_writes_its_page_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.cli.explore._workers", lambda scheduler, jobs: Mortal(3))
    out = CliRunner().invoke(command, ["--runs", "9", "--reports", str(tmp_path)], standalone_mode=False)
    assert isinstance(out.exception, UserError) and str(out.exception) == LOST
    assert "4 runs" in out.output and "ended by: workers lost" in out.output
    assert (tmp_path / "index.html").is_file()


# -- a cluster that cannot be used --------------------------------------------------------------------------------


def test_nobody_at_the_schedulers_address_is_a_users_mistake(material, monkeypatch):
    monkeypatch.setattr("sim.workers.dask.PATIENCE", "1s")
    with pytest.raises(UserError, match=r"--scheduler tcp://127\.0\.0\.1:9: nobody answers"):
        explore(material, TEN, workers=Dask("tcp://127.0.0.1:9"))


def test_a_scheduler_without_workers_is_a_users_mistake(material, monkeypatch):
    monkeypatch.setattr("sim.workers.dask.PATIENCE", "1s")
    with cluster(0) as there, pytest.raises(UserError, match="it has no workers; dask worker tcp"):
        explore(material, TEN, workers=Dask(there.scheduler_address))


@pytest.mark.slow
def test_a_cluster_that_goes_away_is_told_of(material, monkeypatch):
    monkeypatch.setattr("sim.workers.dask.PATIENCE", "5s")
    with cluster(1) as there:
        results = Dask(there.scheduler_address).results(where, material, range(200))
        next(results)
        there.close()
        with pytest.raises(WorkersLost, match="the cluster was lost"):
            list(results)


def test_without_dask_it_is_said_what_to_install(material, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UserError, match=r"bluegreen-rehearsal\[explore\]"):
        explore(material, TEN, workers=Dask())
