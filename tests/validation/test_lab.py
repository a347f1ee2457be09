"""Real resolvers on the loopback keep answers as the model says; the formulas for whole seconds hold."""

from math import floor, sqrt

import numpy as np
import pytest

from validation import resolver
from validation.lab.experiment import NAMES, SHARE
from validation.lab.programs import PROGRAMS
from validation.lab.record import Record, load, record, save
from validation.lab.seconds import hit_rate, mean_life, still_old


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_real_resolver_does_what_the_model_predicts(program):
    """About 26 s of real time each. Six standard errors: of 150 figures none should be off by that."""
    if program.path is None:
        pytest.skip(f"{program.name} is not installed: apt-get install {program.package}")
    seen = record(program)
    assert seen.unanswered <= seen.asked / 1000
    assert max(resolver.errors_of_hits(program, seen).values()) < 6
    curves = [resolver.errors_of_old(program, seen, rate) for rate in NAMES]
    assert max(map(max, curves)) < 6
    assert np.mean([error for curve in curves for error in curve]) < 1.5
    assert resolver.worst_spread(seen) < 6


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_recorded_run_agrees_with_the_prediction_too(program, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    seen = {one.program: one for one in load()}[program.name]
    assert max(resolver.errors_of_hits(program, seen).values()) < 4
    assert resolver.worst_spread(seen) < 4


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_prediction_is_sharp_enough_to_tell_programs_that_count_differently_apart(program, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    (other,) = [one for one in PROGRAMS if one is not program]
    seen = {one.program: one for one in load()}[program.name]
    assert max(resolver.errors_of_hits(other, seen).values()) > 6


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("ends", [2, 3])
def test_the_formulas_for_whole_seconds_agree_with_a_simulated_cache(rate, ends):
    """Second by second; changes come at a quarter past."""
    rng = np.random.default_rng(3)
    now, over, fetched = 0.0, 0.0, 0.0
    hits, lives, asked, old = 0, [], 0, 0
    phase, t, bin_ = 0.25, 1.1, 0.2
    for gap in rng.exponential(1 / rate, 400_000).tolist():
        now += gap
        if now < over:
            hits += 1
        else:
            fetched, over = now, floor(now) + ends
            lives.append(over - now)
        since = (now - phase) % 7  # a change each 7 s, in step with no life
        if abs(since - t) < bin_ / 2:
            asked += 1
            old += fetched < now - since
    assert np.mean(lives) == pytest.approx(mean_life(rate, ends), rel=0.01)
    assert hits / 400_000 == pytest.approx(hit_rate(rate, ends), abs=0.004)
    moments = np.linspace(t - bin_ / 2, t + bin_ / 2, 41)
    expected = np.mean([still_old(rate, ends, float(moment), [phase]) for moment in moments])
    assert old / asked == pytest.approx(expected, abs=5 * sqrt(0.25 / asked) + 0.005)


def test_a_busy_cache_lives_for_whole_seconds_and_a_quiet_one_half_a_second_less():
    assert mean_life(500.0, 3) == pytest.approx(3, abs=0.003)
    assert mean_life(0.001, 3) == pytest.approx(2.5, abs=0.001)
    assert still_old(1.0, 3, 3.0, [0.0, 0.5]) == 0
    just_after = [still_old(2.0, 3, 0.0, [phase / 1000 + 0.0005]) for phase in range(1000)]
    assert np.mean(just_after) == pytest.approx(hit_rate(2.0, 3), abs=1e-3)


def test_what_is_recorded_is_read_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load() == []
    one = Record("unbound", "1.0", [0.5], 10, 0, {"1": (10, 3)}, {"1": [(0.1, 10, 4)]}, {"4": (10, SHARE, 0.2)})
    save([one])
    assert load() == [one]


def test_measuring_without_the_programs_fails_with_a_clear_word(monkeypatch):
    monkeypatch.setattr("validation.lab.programs.shutil.which", lambda name, path: None)
    with pytest.raises(SystemExit, match="not installed: unbound, dnsmasq"):
        resolver.measure()
