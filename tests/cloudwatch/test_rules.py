"""Rules of composite alarms."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cloudwatch.rules import Rule, RuleError

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
leaves = st.sampled_from(["ALARM(a)", "OK(b)", "INSUFFICIENT_DATA(c)", "ALARM(b)", "TRUE", "FALSE"])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("NOT"), inner),
        st.tuples(st.sampled_from(["AND", "OR"]), inner, inner),
    ),
    max_leaves=8,
)


def written(tree):
    match tree:
        case str():
            return tree
        case ("NOT", inner):
            return f"NOT ({written(inner)})"
        case (word, left, right):
            return f"({written(left)}) {word} ({written(right)})"


def meant(tree, states):
    match tree:
        case "TRUE" | "FALSE":
            return tree == "TRUE"
        case str():
            state, _, rest = tree.partition("(")
            return states[rest[:-1]] == state
        case ("NOT", inner):
            return not meant(inner, states)
        case ("AND", left, right):
            return meant(left, states) and meant(right, states)
        case (_, left, right):
            return meant(left, states) or meant(right, states)


@given(trees)
def test_a_rule_means_what_is_written(tree):
    rule = Rule(written(tree))
    for combination in product(STATES, repeat=3):
        states = dict(zip("abc", combination, strict=True))
        assert rule.holds(states) == meant(tree, states)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE OR FALSE AND FALSE", True),
        ("NOT TRUE OR TRUE", True),
        ("NOT FALSE AND FALSE", False),
        ("NOT NOT TRUE", True),
        ("false", False),
    ],
)
def test_not_binds_more_than_and_and_that_more_than_or(text, expected):
    assert Rule(text).holds({}) == expected


def test_alarms_are_named_bare_or_quoted_or_by_arn():
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
    rule = Rule(f'ALARM(cpu-high) AND OK("disk: full (a)") OR ALARM({arn}x:y) OR ALARM("cpu-high")')
    assert rule.children == ("cpu-high", "disk: full (a)", "x:y")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 10240 characters"),
        ("ALARM()", "character 1"),
        ("ALARM(a) ALARM(b)", "AND, OR or the end, not .*: character 10"),
        ("ALARM(a) AND", "here should be ALARM.*: character 13"),
        ("(ALARM(a)", r"or '\)': character 10"),
        ("ALARM(a))", "character 9"),
        ("ALARM(a) XOR OK(b)", "not 'XOR': character 10"),
        ("NOTALARM(a)", "character 1"),
        ("TRUE" + " OR TRUE" * 1500, "1 to 10240 characters, this one has 12004"),
        (" OR ".join(f"ALARM(a{i})" for i in range(101)), "at most 100 alarms, this one 101"),
        ("(" * 200 + "TRUE" + ")" * 200, "nested more than 100 deep"),
    ],
)
def test_errors_say_where(text, why):
    with pytest.raises(RuleError, match=why):
        Rule(text)


def test_a_hundred_children_and_a_long_rule_are_read():
    rule = Rule(" OR ".join(f"ALARM(a{i})" for i in range(100)))
    assert not rule.holds({f"a{i}": "OK" for i in range(100)})
    assert rule.holds({f"a{i}": "ALARM" if i == 99 else "OK" for i in range(100)})
