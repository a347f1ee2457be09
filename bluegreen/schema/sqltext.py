"""SQL text -> statements, without understanding them: where each begins and ends, and which `:parameters` it names.

Quotes, dollar quotes, comments (nested ones too), and bodies between BEGIN and END of functions and triggers are passed
over, as psql and sqlite3 do. So are the lines by which pg_dump guards psql, `\\restrict` and `\\unrestrict`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*)
    | (?P<guard>(?:(?<=\n)|\A)\\(?:un)?restrict\b[^\n]*)
    | (?P<block>/\*)
    | (?P<text>\b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | '(?:[^']|'')*(?:'|\Z))
    | (?P<name>"(?:[^"]|"")*(?:"|\Z))
    | (?P<dollar>(?<![\w$])\$(?:[A-Za-z_]\w*)?\$)
    | (?P<parameter>(?<![:\w\]]):[A-Za-z_]\w*)
    | (?P<word>[A-Za-z_][\w$]*)
    | (?P<end>;)
    | (?P<space>\s+)
    | (?P<other>::|\d[\w.]*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
WITH_BODY = {"FUNCTION", "PROCEDURE", "TRIGGER"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL text: its kind (a group of TOKEN), and the text itself."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement. `line`: of its first word, from 1; `above`: the comments before it, each with its line."""

    tokens: tuple[Token, ...]
    line: int
    above: tuple[tuple[int, str], ...] = ()

    @property
    def text(self) -> str:
        """As it was written, without the semicolon."""
        return "".join(token.text for token in self.tokens)

    @property
    def first(self) -> str:
        """Its first word, in capitals."""
        return next((token.text.upper() for token in self.tokens if token.kind == "word"), "")

    def says(self, word: str) -> bool:
        """Whether a word is in it, given in capitals; texts, names in quotes and comments do not count."""
        return any(token.kind == "word" and token.text.upper() == word for token in self.tokens)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Their names, each once, in order."""
        return tuple(dict.fromkeys(token.text[1:] for token in self.tokens if token.kind == "parameter"))

    def numbered(self) -> str:
        """With `$1`, `$2` in the place of `:names`."""
        numbers = {f":{name}": f"${number}" for number, name in enumerate(self.parameters, start=1)}
        return "".join(numbers[t.text] if t.kind == "parameter" else t.text for t in self.tokens)


def pieces(sql: str) -> Iterator[Piece]:
    """The statements of a file, in order. What is nothing but comments is none."""
    line, above, body = 1, [], _Body()
    inside: list[Token] = []
    began = 1
    for token in tokens(sql):
        ends = token.kind == "end" and not body.open
        if not inside and token.kind in ("comment", "block"):
            above.append((line, token.text))
        elif not inside and token.kind in ("space", "end", "guard"):
            pass
        elif ends:
            yield Piece(_trimmed(inside), began, tuple(above))
            inside, above, body = [], [], _Body()
        else:
            began = began if inside else line
            inside.append(token)
            body.meet(token)
        line += token.text.count("\n")
    if inside:
        yield Piece(_trimmed(inside), began, tuple(above))


def tokens(sql: str) -> Iterator[Token]:
    """All of the text, piece by piece: joined they are the text again."""
    at = 0
    while match := TOKEN.match(sql, at):
        kind, end = str(match.lastgroup), match.end()
        if kind == "block":
            end = _after_comment(sql, end)
        elif kind == "dollar":
            closed = sql.find(match.group(), end)
            end = len(sql) if closed < 0 else closed + len(match.group())
        yield Token(kind, sql[at:end])
        at = end


def _after_comment(sql: str, at: int) -> int:
    depth = 1
    for match in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)


def _trimmed(inside: Sequence[Token]) -> tuple[Token, ...]:
    end = len(inside)
    while end and inside[end - 1].kind in ("space", "comment", "block"):
        end -= 1
    return tuple(inside[:end])


class _Body:
    """Whether a statement is within a body: between BEGIN and END of a function, procedure or trigger. `open` is how
    many ENDs are missing."""

    def __init__(self) -> None:
        self.open = 0
        self._words: list[str] = []
        self._has_one = False

    def meet(self, token: Token) -> None:
        if token.kind != "word":
            return
        word = token.text.upper()
        if len(self._words) < 6:
            self._words.append(word)
            self._has_one = self._words[0] == "CREATE" and bool(WITH_BODY & set(self._words))
        if not self._has_one:
            return
        if word == "BEGIN" or (word == "CASE" and self.open):
            self.open += 1
        elif word == "END" and self.open:
            self.open -= 1
