"""Metric math: arithmetic, comparison, AND and OR over series, and the functions of AWS that stay within one request
(Amazon CloudWatch User Guide, using metric math).

    Formula("(target_5xx + elb_5xx) / requests")({"target_5xx": [...], "elb_5xx": [...], "requests": [...]})

What each sub-expression is (number, series, or array of series) is known when it is read, so errors say where.
Assumed, as AWS states no precedence: OR, AND, comparison, + -, * /, minus sign, ^, the last binding most; ^ is read
from the right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bluegreen.metricmath import points
from bluegreen.metricmath.points import Points

Kind = Literal["number", "series", "array"]
Run = Callable[[Mapping[str, Points]], Any]

LONGEST = 2048
"""Characters of an expression (CloudWatch API reference, MetricDataQuery)."""
DEEPEST = 100
"""Our own limit of nesting."""
BINDS = {"OR": 1, "AND": 2, **dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), 3)}
BINDS |= {"+": 4, "-": 4, "*": 5, "/": 5, "^": 7}
SIGN, SAME = 6, {"&&": "AND", "||": "OR"}
FUNCTIONS = ("ABS", "AVG", "CEIL", "FILL", "FLOOR", "IF", "MAX", "MIN", "SUM")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[a-z]\w*)|(?P<word>[A-Z][A-Z0-9_]*)"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^()<>,\[\]])|(?P<end>$)|(?P<other>.))"
)


class FormulaError(ValueError):
    """The expression cannot be read; says where."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class _Node:
    kind: Kind
    run: Run
    at: int
    depth: int = 1


class Formula:
    """An expression, read. Raises FormulaError."""

    def __init__(self, text: str) -> None:
        self.text = text
        reader = _Reader(text)
        tree = reader.whole()
        self.names = tuple(dict.fromkeys(reader.names))
        """The series that it is made of."""
        self.local = reader.local
        """Each point depends on the points of its own period only, and is missing where all of them are."""
        self._run = tree.run

    def __call__(self, series: Mapping[str, Points]) -> Points:
        """The result's points from those of all `names`: equally many, for the same periods."""
        return points.real(self._run(series))

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"


class _Reader:
    """A Pratt parser that makes closures."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.local = True
        if len(text) > LONGEST:
            raise FormulaError(f"an expression has at most {LONGEST} characters, this one has {len(text)}")
        self._tokens = [
            _Token(m[m.lastgroup], m.lastgroup, m.start(m.lastgroup)) for m in _TOKEN.finditer(text) if m.lastgroup
        ]
        self._next = self._nested = 0

    def whole(self) -> _Node:
        tree = self._expression(0)
        if self._peek().kind != "end":
            raise self._no(self._peek(), "here should be an operator or the end")
        if tree.kind != "series":
            raise FormulaError(f"{self.text!r} is a {_spoken(tree.kind)}, and must be one series")
        return tree

    # -- words

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, text: str | None = None) -> _Token:
        token = self._peek()
        if text is not None and token.text != text:
            raise self._no(token, f"here should be {text!r}")
        self._next += token.kind != "end"
        return token

    def _no(self, token: _Token, why: str) -> FormulaError:
        found = f", not {token.text!r}" if token.text else ""
        return FormulaError(f"{why}{found}: character {token.at + 1} of {self.text!r}")

    # -- grammar

    def _expression(self, bound: int) -> _Node:
        """Everything that binds more than `bound`."""
        self._nested += 1
        if self._nested > DEEPEST:
            raise self._no(self._peek(), f"this is nested more than {DEEPEST} deep")
        left = self._first()
        while (sign := SAME.get(self._peek().text, self._peek().text)) in BINDS and BINDS[sign] > bound:
            token = self._take()
            right = self._expression(BINDS[sign] - (sign == "^"))
            left = self._binary(token, sign, left, right)
        self._nested -= 1
        return left

    def _first(self) -> _Node:
        token = self._take()
        if token.kind == "number":
            value = float(token.text)
            return _Node("number", lambda _: value, token.at)
        if token.kind == "name":
            name = token.text
            self.names.append(name)
            return _Node("series", lambda series: series[name], token.at)
        if token.text == "-":
            return self._binary(token, "*", _Node("number", lambda _: -1.0, token.at), self._expression(SIGN))
        if token.text == "(":
            inner = self._expression(0)
            self._take(")")
            return inner
        if token.text == "[":
            return self._array(token)
        if token.kind == "word":
            return self._function(token)
        raise self._no(token, "here should be a value")

    def _array(self, start: _Token) -> _Node:
        items = self._list("]")
        for item in items:
            self._want(item, "an array's item", "series")
        runs = [item.run for item in items]
        return self._made("array", lambda series: [run(series) for run in runs], start, items)

    def _list(self, end: str) -> list[_Node]:
        items = [self._expression(0)]
        while self._peek().text == ",":
            self._take()
            items.append(self._expression(0))
        self._take(end)
        return items

    def _binary(self, token: _Token, sign: str, left: _Node, right: _Node) -> _Node:
        do, a, b = points.OPERATORS[sign], left.run, right.run
        pair = (left.kind, right.kind)
        if pair == ("array", "array"):
            raise self._no(token, "two arrays cannot be combined")
        if "array" in pair:
            apply = _APPLY[left.kind.replace("array", "series"), right.kind.replace("array", "series")]
            if left.kind == "array":
                run: Run = lambda series: [apply(do, each, b(series)) for each in a(series)]  # noqa: E731
            else:
                run = lambda series: [apply(do, a(series), each) for each in b(series)]  # noqa: E731
            return self._made("array", run, token, [left, right])
        apply = _APPLY[pair]
        kind: Kind = "series" if "series" in pair else "number"
        return self._made(kind, lambda series: apply(do, a(series), b(series)), token, [left, right])

    # -- functions

    def _function(self, token: _Token) -> _Node:
        if token.text not in FUNCTIONS:
            raise self._no(token, f"here should be one of the known functions ({', '.join(FUNCTIONS)})")
        self._take("(")
        if token.text == "FILL":
            return self._fill(token)
        args = self._list(")")
        if token.text == "IF":
            return self._if(token, args)
        if len(args) != 1:
            raise self._no(token, f"one argument is needed, there are {len(args)}")
        (arg,) = args
        if arg.kind == "number":
            raise self._no(token, "a series or an array is needed, not a number")
        return self._each(token, arg) if token.text in points.EACH else self._together(token, arg)

    def _each(self, token: _Token, arg: _Node) -> _Node:
        do, run = points.EACH[token.text], arg.run

        def one(series: Points) -> Points:
            return [None if x is None else float(do(x)) for x in points.real(series)]

        if arg.kind == "series":
            return self._made("series", lambda series: one(run(series)), token, [arg])
        return self._made("array", lambda series: [one(each) for each in run(series)], token, [arg])

    def _together(self, token: _Token, arg: _Node) -> _Node:
        name, run = token.text, arg.run
        if arg.kind == "array":
            return self._made("series", lambda series: points.across(name, run(series)), token, [arg])
        self.local = False
        return self._made("number", lambda series: points.down(name, run(series)), token, [arg])

    def _if(self, token: _Token, args: list[_Node]) -> _Node:
        if len(args) not in (2, 3):
            raise self._no(token, f"two or three arguments are needed, there are {len(args)}")
        if any(arg.kind == "array" for arg in args) or all(arg.kind == "number" for arg in args):
            raise self._no(token, "numbers and at least one series are needed")
        condition, yes = args[0].run, args[1].run
        no: Run = args[2].run if len(args) == 3 else lambda _: None
        if args[0].kind == "series":
            run: Run = lambda series: points.chosen(condition(series), yes(series), no(series))  # noqa: E731
            return self._made("series", run, token, args)
        for arg in args[1:]:
            self._want(arg, "beside a condition that is a number, each value", "series")

        def whole(series: Mapping[str, Points]) -> Points:
            kept = yes(series)
            picked = kept if condition(series) else no(series)
            return [None] * len(kept) if picked is None else list(picked)

        return self._made("series", whole, token, args)

    def _fill(self, token: _Token) -> _Node:
        """The second argument may be REPEAT or LINEAR."""
        self.local = False
        target = self._expression(0)
        self._take(",")
        if target.kind == "number":
            raise self._no(token, "a series or an array is needed, not a number")
        how: dict[str, Callable[[Points], Points]] = {"REPEAT": points.repeated, "LINEAR": points.interpolated}
        run = target.run
        if (way := self._peek().text) in how:
            self._take()
            args, fill = [target], how[way]
            one: Callable[[Points, Any], Points] = lambda each, _: fill(each)  # noqa: E731
            with_: Run = lambda _: None  # noqa: E731
        else:
            value = self._expression(0)
            if value.kind == "array":
                raise self._no(token, "only a number, a series, REPEAT or LINEAR can fill")
            args, one, with_ = [target, value], points.filled, value.run
        self._take(")")
        if target.kind == "series":
            return self._made("series", lambda series: one(run(series), with_(series)), token, args)
        return self._made("array", lambda series: [one(each, with_(series)) for each in run(series)], token, args)

    # -- nodes

    def _want(self, node: _Node, what: str, kind: Kind) -> None:
        if node.kind != kind:
            found = f"not a {_spoken(node.kind)}: character {node.at + 1} of {self.text!r}"
            raise FormulaError(f"{what} must be a {_spoken(kind)}, {found}")

    def _made(self, kind: Kind, run: Run, token: _Token, parts: Sequence[_Node]) -> _Node:
        depth = 1 + max(part.depth for part in parts)
        if depth > 2 * DEEPEST:
            raise self._no(token, f"this has more than {2 * DEEPEST} operations in a row")
        return _Node(kind, run, token.at, depth)


_APPLY: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("series", "series"): points.between_series,
    ("series", "number"): points.with_number_right,
    ("number", "series"): points.with_number_left,
    ("number", "number"): points.between_numbers,
}


def _spoken(kind: Kind) -> str:
    return {"number": "number", "series": "series", "array": "list of series"}[kind]
