"""The expressions that filter cases and classifications: `state=OPEN AND creator.email="ana@acme.example"`.

The part of AIP-160 that the original documents for them: restrictions, AND (also by a space), OR, which binds tighter,
and parentheses. Read once from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, TypeVar

from api.core.errors import Invalid

LONGEST: Final = 2_000
DEEPEST: Final = 10
_TOKEN: Final = re.compile(
    r'\s*(?:(?P<bracket>[()])|(?P<operator>[<>!]=|[=<>:])|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()<>=!:"]+))'
)
_BACKSLASHED: Final = re.compile(r"\\(.)")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Restriction:
    """What one field has to be; without a field the value is looked for everywhere."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Several conditions, all of which or any of which hold."""

    by: Literal["AND", "OR"]
    parts: tuple[Expression, ...]


Expression = Restriction | Joined


def parse(text: str, what: str) -> Expression | None:
    """Return what an expression says; None for an empty one. what: the parameter it stands in. Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid(what)
    tokens = _tokens(text.strip(), what)
    if not tokens:
        return None
    reader = _Reader(tokens, what)
    expression = reader.conjunction(0)
    if reader.place < len(tokens):
        raise Invalid(what)
    return expression


def folded(
    expression: Expression, one: Callable[[Restriction], T], both: Callable[[T, T], T], either: Callable[[T, T], T]
) -> T:
    """Return an expression with a condition in the place of each restriction."""
    if isinstance(expression, Restriction):
        return one(expression)
    parts = (folded(part, one, both, either) for part in expression.parts)
    return reduce(both if expression.by == "AND" else either, parts)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text in words


def _tokens(text: str, what: str) -> list[_Token]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise Invalid(what)
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


@dataclass
class _Reader:
    tokens: list[_Token]
    what: str
    place: int = 0

    def conjunction(self, depth: int) -> Expression:
        parts = [self.disjunction(depth)]
        while (token := self._next()) is not None and token != _Token("bracket", ")"):
            if token.is_word("AND"):
                self.place += 1
            parts.append(self.disjunction(depth))
        return parts[0] if len(parts) == 1 else Joined("AND", tuple(parts))

    def disjunction(self, depth: int) -> Expression:
        parts = [self.term(depth)]
        while (token := self._next()) is not None and token.is_word("OR"):
            self.place += 1
            parts.append(self.term(depth))
        return parts[0] if len(parts) == 1 else Joined("OR", tuple(parts))

    def term(self, depth: int) -> Expression:
        token = self._take()
        if token == _Token("bracket", "("):
            if depth == DEEPEST:
                raise Invalid(self.what)
            inside = self.conjunction(depth + 1)
            if self._take() != _Token("bracket", ")"):
                raise Invalid(self.what)
            return inside
        following = self._next()
        if token.kind == "word" and following is not None and following.kind == "operator":
            self.place += 1
            return Restriction(token.text, following.text, self._value(self._take()))
        return Restriction("", "", self._value(token))

    def _value(self, token: _Token) -> str:
        if token.kind == "quoted":
            return _BACKSLASHED.sub(r"\1", token.text)
        if token.kind != "word" or token.text in {"AND", "OR", "NOT"}:
            raise Invalid(self.what)
        return token.text

    def _next(self) -> _Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _take(self) -> _Token:
        token = self._next()
        if token is None:
            raise Invalid(self.what)
        self.place += 1
        return token
