"""Rules of composite alarms: `ALARM(errors) AND NOT ALARM("deployment running")` (CloudWatch API reference,
PutCompositeAlarm). Alarms by name or ARN, quoted or not; operators in any case, as AWS itself writes `false`.

Assumed, as AWS states no precedence: NOT binds more than AND, AND more than OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

MOST_CHILDREN = 100
LONGEST = 10_240
DEEPEST = 100
"""Our own limit of nesting."""
_TOKEN = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"(?P<quoted>[^\"]+)\"|(?P<bare>[^\s\"()]+))\s*\)"
    r"|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<sign>[()])|(?P<end>$)|(?P<other>\S+))",
    re.IGNORECASE,
)

States = Mapping[str, str]
Holds = Callable[[States], bool]


class RuleError(ValueError):
    """The rule cannot be read; says where."""


class Rule:
    """A rule, read. Raises RuleError."""

    def __init__(self, text: str) -> None:
        if not 1 <= len(text) <= LONGEST:
            raise RuleError(f"an alarm rule has 1 to {LONGEST} characters, this one has {len(text)}")
        self.text = text
        self._found: dict[str, None] = {}
        self._tokens = list(_TOKEN.finditer(text))
        self._next = self._nested = 0
        self._holds = self._any()
        if self._peek() != "END":
            raise self._no("here should be AND, OR or the end")
        self.children = tuple(self._found)
        """The alarms that it names."""
        if len(self.children) > MOST_CHILDREN:
            raise RuleError(f"a rule names at most {MOST_CHILDREN} alarms, this one {len(self.children)}")

    def holds(self, states: States) -> bool:
        """Whether it does in these states of its children."""
        return self._holds(states)

    def _peek(self) -> str:
        match = self._tokens[self._next]
        if match.lastgroup == "end":
            return "END"
        return (match["state"] and "STATE") or (match["word"] or match["sign"] or "?").upper()

    def _no(self, why: str) -> RuleError:
        token = self._tokens[self._next]
        found = token[0].strip()
        at = token.end() - len(token[0].lstrip()) + 1
        return RuleError(f"{why}{', not ' + repr(found) if found else ''}: character {at} of {self.text!r}")

    def _any(self) -> Holds:
        parts = self._row(self._all, "OR")
        return parts[0] if len(parts) == 1 else lambda states: any(part(states) for part in parts)

    def _all(self) -> Holds:
        parts = self._row(self._one, "AND")
        return parts[0] if len(parts) == 1 else lambda states: all(part(states) for part in parts)

    def _row(self, read: Callable[[], Holds], word: str) -> list[Holds]:
        parts = [read()]
        while self._peek() == word:
            self._next += 1
            parts.append(read())
        return parts

    def _one(self) -> Holds:
        token = self._peek()
        if token == "STATE":
            return self._state()
        if token not in {"NOT", "(", "TRUE", "FALSE"}:
            raise self._no("here should be ALARM(...), OK(...), INSUFFICIENT_DATA(...), TRUE, FALSE, NOT or '('")
        self._nested += 1
        if self._nested > DEEPEST:
            raise self._no(f"this is nested more than {DEEPEST} deep")
        self._next += 1
        if token in {"TRUE", "FALSE"}:
            holds: Holds = lambda _: token == "TRUE"  # noqa: E731
        elif token == "NOT":
            inner = self._one()
            holds = lambda states: not inner(states)  # noqa: E731
        else:
            holds = self._any()
            if self._peek() != ")":
                raise self._no("here should be AND, OR or ')'")
            self._next += 1
        self._nested -= 1
        return holds

    def _state(self) -> Holds:
        match = self._tokens[self._next]
        self._next += 1
        state, name = match["state"].upper(), _name(match["quoted"] or match["bare"])
        self._found[name] = None
        return lambda states: states[name] == state


def _name(written: str) -> str:
    """`arn:aws:cloudwatch:region:account:alarm:name` -> `name`."""
    return written.split(":", 6)[6] if written.startswith("arn:") and written.count(":") >= 6 else written
