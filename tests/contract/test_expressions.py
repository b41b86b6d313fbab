"""No text that a stranger writes holds the interpreter: every expression's time grows with its text and no faster.

An expression that is searched for in Python holds every thread of its process until it is done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest

from tests.contract.ours import OURS, ROOT

SIZE = 5_000

# What comes before, again and again, and at the end: an opening without end, its letters, what is missing at last.
PARTS = [
    "a",
    "1",
    " ",
    "=",
    "&",
    ";",
    '"',
    "'",
    "\\",
    "\\\\",
    '\\"',
    '"a":"',
    '"a":"\\',
    "'a':'\\",
    "a=",
    ";a=",
    "-",
    "x-",
]
PARTS += [
    'name="',
    'name="a"\r\n',
    '"a" ',
    '\\"a\\":\\"',
    "token",
    "[",
    "(",
    "+",
    ".",
    "\u200b",
    "\u3002",
    "1 ",
    "1-2:",
]
STARTS = ["", '"a', ";"]
# Modules whose expressions meet no text of strangers, each with its reason.
OUR_OWN = {
    "reseller_console.translations": "reads our own catalogue",
}


@dataclass(frozen=True)
class Expression:
    """An expression, and the methods by which its module asks it; all of them where it passes it on."""

    pattern: re.Pattern[Any]
    asked: frozenset[str]

    def ask(self, text: str) -> None:
        subject = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        if self.asked & {"match", "fullmatch"}:
            self.pattern.fullmatch(subject)
            self.pattern.match(subject)
        if not self.asked <= {"match", "fullmatch"}:
            for _match in self.pattern.finditer(subject):
                pass


def expressions() -> Iterator[tuple[str, Expression]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text()
            if "migrations" in path.parts or "re.compile(" not in source:
                continue
            module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern) and module.__name__ not in OUR_OWN:
                    asked = frozenset(re.findall(rf"\b{name}\.(\w+)\(", source))
                    yield f"{module.__name__}.{name}", Expression(value, asked or frozenset({"fullmatch", "finditer"}))


EXPRESSIONS = dict(expressions())


def seconds(work: Callable[[], object]) -> float:
    """Return the shortest of three runs, in seconds of this process."""
    runs = []
    for _ in range(3):
        began = time.process_time()
        work()
        runs.append(time.process_time() - began)
    return min(runs)


def test_there_are_expressions_to_look_at() -> None:
    assert {"support.har_secrets.PAIR", "support.har_secrets.QUOTED", "support.har._WHOLE_TEXTS"} <= EXPRESSIONS.keys()


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_no_text_costs_much_more_than_an_ordinary_one_of_the_same_length(name: str) -> None:
    """Adversarial input costs at most five times what benign input of the same size does, or nothing to speak of."""
    expression = EXPRESSIONS[name]
    benign = "page=2&user=ana; \"name\": 'Ana Lima', https://a.example/x?y=z " * (SIZE // 60)
    # Beside the noise of the machine: what grows with the square needs a thousand times as long here.
    allowed = max(5 * seconds(lambda: expression.ask(benign)), 15 * FLOOR)
    slow = {}
    for start in STARTS:
        for part in PARTS:
            text = (start + part * SIZE)[:SIZE]
            if (needed := quick(expression, text, allowed)) > allowed:
                slow[start, part] = needed / allowed
    assert slow == {}


# Seconds of an expression that finds every letter of a text of that size: below that nothing is slow.
FLOOR = seconds(lambda: Expression(re.compile("a"), frozenset({"finditer"})).ask("a" * SIZE))


def quick(expression: Expression, text: str, allowed: float) -> float:
    """Measure once; only what looks slow is measured again, since the machine has other work too."""
    began = time.process_time()
    expression.ask(text)
    needed = time.process_time() - began
    return needed if needed <= allowed else seconds(lambda: expression.ask(text))
