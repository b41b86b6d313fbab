"""docs/rules.md has every rule that is cited; the product cites each one there, and a test is named for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.contract.ours import OURS, ROOT

RULES = re.findall(r"^- \*\*([A-Z]\d+)\*\* ", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE)
NUMBER = re.compile(r"(?<![A-Za-z0-9])[PBRSAX]\d{1,2}(?![A-Za-z0-9])")
# Python cites in docstrings, comments and the names of tests: in other strings P1 is the priority of a case.
# Documents cite outside of code.
_IN_PYTHON = re.compile(r'"""(?:.|\n)*?"""|#.*|def test_\w+')
_CODE = re.compile(r"```(?:.|\n)*?```|`[^`\n]*`")
PRODUCT = (*OURS, "templates", "static", "deploy")
ENDINGS = {".py", ".html", ".txt", ".js", ".css", ".sql", ".md", ".conf"}


def cited(path: Path) -> set[str]:
    """Return the numbers that a file cites."""
    text = path.read_text()
    if path.suffix == ".py":
        text = "\n".join(_IN_PYTHON.findall(text))
    return set(NUMBER.findall(_CODE.sub("", text) if path.suffix == ".md" else text))


def files(*folders: str) -> Iterator[Path]:
    """Yield the files that may cite rules."""
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in ENDINGS and path.is_file())


def test_each_number_that_is_cited_is_a_rule() -> None:
    everywhere = [*files(*PRODUCT, "tests", "docs", "benchmarks"), *ROOT.glob("*.md")]
    unknown = {path.relative_to(ROOT).as_posix(): sorted(cited(path) - set(RULES)) for path in everywhere}
    assert {path: numbers for path, numbers in unknown.items() if numbers} == {}


def test_each_rule_stands_once_and_in_order() -> None:
    kinds = [kind for kind, _numbers in groupby(RULES, key=lambda rule: rule[0])]
    assert sorted(RULES, key=lambda rule: (kinds.index(rule[0]), int(rule[1:]))) == RULES
    assert len(set(RULES)) == len(RULES) > 40


def test_each_rule_is_cited_by_the_product() -> None:
    assert set(RULES) - set().union(*map(cited, files(*PRODUCT))) == set()


def test_each_rule_is_in_the_name_of_a_test() -> None:
    named = {
        number
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
        for number in NUMBER.findall(name)
    }
    assert set(RULES) - named == set()
