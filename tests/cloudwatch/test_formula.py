"""Metric math: AWS's examples, algebra, what is missing, and errors that say where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.metricmath.formula import Formula, FormulaError

_ = None
values = st.one_of(st.none(), st.integers(-1000, 1000).map(float))
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=8).map(
    lambda rows: {"m1": [a for a, _ in rows], "m2": [b for _, b in rows]}
)


def run(text, **series):
    return Formula(text)(series)


A = {"metric1": [30, 20, 0, 0], "metric2": [20, _, 20, _]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metric1 < metric2", [0, 0, 1, 0]),
        ("metric1 >= 30", [1, 0, 0, 0]),
        ("metric1 > 15 AND metric2 > 15", [1, 0, 0, 0]),
        ("metric1 > 15 && metric2 > 15", [1, 0, 0, 0]),
        ("metric1 > 15 OR metric2 > 15", [1, 1, 1, 0]),
    ],
)
def test_comparisons_are_those_of_the_user_guide(text, expected):
    assert run(text, **A) == expected


B = {"metric1": [1, 1, 0, 0, _], "metric2": [30, _, 0, 0, 30], "metric3": [0, 0, 20, _, 20]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IF(metric1, metric2, metric3)", [30, 0, 20, _, _]),
        ("IF(metric1, 5, metric3)", [5, 5, 20, _, _]),
        ("IF(metric1, metric2, 5)", [30, 0, 5, 5, _]),
        ("IF(metric1, metric2)", [30, 0, _, _, _]),
        ("IF(metric3 < 10, metric3)", [0, 0, _, _, _]),
        ("IF(1, metric2, metric3)", [30, _, 0, 0, 30]),
        ("IF(0, metric2, metric3)", [0, 0, 20, _, 20]),
        ("IF(0, metric2)", [_, _, _, _, _]),
    ],
)
def test_conditions_are_those_of_the_user_guide(text, expected):
    assert run(text, **B) == expected


C = {"m": [_, 2, _, _, 8, _], "n": [1, 1, 1, _, 1, 1]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FILL(m, 0)", [0, 2, 0, 0, 8, 0]),
        ("FILL(m, REPEAT)", [_, 2, 2, 2, 8, 8]),
        ("FILL(m, LINEAR)", [_, 2, 4, 6, 8, _]),
        ("FILL(m, n)", [1, 2, 1, _, 8, 1]),
        ("FILL(m, MIN(m))", [2, 2, 2, 2, 8, 2]),
        ("SUM(FILL([m, n], 0))", [1, 3, 1, 0, 9, 1]),
        ("SUM([m, n])", [1, 3, 1, _, 9, 1]),
        ("AVG([m, n])", [0.5, 1.5, 0.5, _, 4.5, 0.5]),
        ("MIN([m, n])", [1, 1, 1, _, 1, 1]),
        ("MAX([m, n])", [1, 2, 1, _, 8, 1]),
        ("m - AVG(m)", [_, -3, _, _, 3, _]),
        ("100 * m / SUM(m)", [_, 20, _, _, 80, _]),
        ("MAX(m) - n", [7, 7, 7, _, 7, 7]),
        ("MAX(100 / [m, n])", [100, 100, 100, _, 100, 100]),
        ("AVG([m, n] / n)", [0.5, 1.5, 0.5, _, 4.5, 0.5]),
        ("CEIL(m / 3)", [_, 1, _, _, 3, _]),
        ("FLOOR(m / 3)", [_, 0, _, _, 2, _]),
        ("MIN(ABS(-[m, n]))", [1, 1, 1, _, 1, 1]),
    ],
)
def test_functions_do_what_they_say(text, expected):
    assert run(text, **C) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 + 0 * m", 7),
        ("-2 ^ 2 + 0 * m", -4),
        ("2 ^ 3 ^ 2 + 0 * m", 512),
        ("2 ^ -1 + 0 * m", 0.5),
        ("8 / 4 / 2 + 0 * m", 1),
        ("8 - 4 - 2 + 0 * m", 2),
        ("(1 + 2) * 3e0 + .0 * m", 9),
        ("1 < 2 == 1 + 0 * m", 1),
    ],
)
def test_operators_bind_as_usual(text, expected):
    assert run(text, m=[5.0]) == [expected]


@given(pairs)
def test_the_usual_algebra_holds(series):
    assert run("m1 + m2", **series) == run("m2 + m1", **series)
    assert run("m1 - m2", **series) == run("m1 + -m2", **series)
    assert run("m1 * m2", **series) == run("m2 * m1", **series)
    assert run("2 * (m1 + m2)", **series) == run("2 * m1 + 2 * m2", **series)
    assert run("m1 ^ 2", **series) == run("m1 * m1", **series)
    assert run("SUM([m1, m2])", **series) == run("m1 + m2", **series)
    assert run("m1 - m1", **series) == run("0 * m1", **series)
    assert run("ABS(m1)", **series) == run("IF(m1 < 0, -m1, m1)", **series)


@given(pairs)
def test_missing_is_zero_beside_something_and_missing_where_all_is(series):
    for text in ("m1 + m2", "m1 - m2", "m1 * m2", "m1 < m2", "m1 >= m2 OR m2 > m1", "SUM([m1, m2])"):
        found = run(text, **series)
        zero = run(text, **{name: [x or 0.0 for x in points] for name, points in series.items()})
        for got, filled, a, b in zip(found, zero, series["m1"], series["m2"], strict=True):
            assert got == (None if a is None and b is None else filled)


@given(pairs)
def test_a_division_by_zero_drops_the_point_and_no_other(series):
    for got, a, b in zip(run("m1 / m2", **series), series["m1"], series["m2"], strict=True):
        assert got == ((a or 0.0) / b if b else None)


def test_what_is_no_real_number_is_dropped():
    assert run("m ^ 0.5", m=[-4.0, 4.0]) == [None, 2.0]
    assert run("m ^ -1", m=[0.0, 4.0]) == [None, 0.25]
    assert run("10 ^ m", m=[400.0, 1.0]) == [None, 10.0]
    assert run("CEIL(m * 1e300)", m=[1e300, 0.0]) == [None, 0.0]
    assert run("m / MAX(n)", m=[1.0], n=[None]) == [None]


@given(pairs, st.integers(1, 8))
def test_a_local_formula_gives_each_point_by_itself(series, cut):
    formula = Formula("IF(m1 > m2, m1 / m2, ABS(m2))")
    assert formula.local
    parts = [{name: points[k : k + cut] for name, points in series.items()} for k in range(0, len(series["m1"]), cut)]
    assert formula(series) == [point for part in parts for point in formula(part)]


@pytest.mark.parametrize("text", ["FILL(m, 0)", "FILL(m, REPEAT)", "m - AVG(m)"])
def test_what_looks_at_other_points_or_fills_is_not_local(text):
    assert not Formula(text).local


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "here should be a value: character 1"),
        ("m1 +", "here should be a value: character 5"),
        ("m1 m2", "operator or the end, not 'm2': character 4"),
        ("(m1", r"here should be '\)': character 4"),
        ("m1 + $", r"not '\$': character 6"),
        ("m1 = 2", "not '=': character 4"),
        ("sum(m1)", r"not '\(': character 4"),
        ("MEDIAN(m1)", "ABS, AVG, CEIL.*not 'MEDIAN': character 1"),
        ("SUM(m1, m2)", "one argument is needed, there are 2"),
        ("ABS(3)", "not a number"),
        ("m1 + ABS(3)", "character 6"),
        ("5", "is a number, and must be one series"),
        ("SUM(m1)", "is a number, and must be one series"),
        ("[m1, m2]", "is a list of series"),
        ("SUM([m1, 3])", "must be a series, not a number: character 10"),
        ("SUM([m1] + [m2])", "two arrays"),
        ("IF(1, 2, 3)", "at least one series"),
        ("IF(1, m1, 3)", "must be a series, not a number: character 11"),
        ("IF(m1)", "two or three arguments"),
        ("FILL(m1)", "here should be ','"),
        ("FILL(m1, [m2])", "REPEAT or LINEAR"),
        ("m1" + " + m1" * 500, "at most 2048 characters"),
        ("(" * 150 + "m1" + ")" * 150, "nested more than 100 deep"),
        ("m" + "+m" * 300, "operations in a row"),
    ],
)
def test_errors_say_where(text, why):
    with pytest.raises(FormulaError, match=why):
        Formula(text)
