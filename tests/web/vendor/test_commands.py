"""Every command of manage.py that an operator needs has a page, and both call one verb (docs/decisions/0045)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.contract.ours import ROOT
from tests.contract.resolver import addresses

DECISION = ROOT / "docs/decisions/0045-an-operator-s-command-has-a-page.md"
TABLE = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", DECISION.read_text(), re.MULTILINE))
COMMANDS = {path.stem: path for path in ROOT.glob("*/management/commands/*.py") if path.stem != "__init__"}
PAGES = {name: text.strip("`") for name, text in TABLE.items() if not text.startswith("none: ")}
VIEWS = {address.name: address.module for address in addresses()}
# Commands that only ask, and the question that the page asks too.
ASK = {"explain_access": "explain"}
# What a page calls in place of the command's verb: it gives and takes roles until they are as the boxes say.
AROUND = {"assign_role": "change_roles", "unassign_role": "change_roles"}
# The verb within the command's verb that a page calls: what the command lists then, the page lists by itself.
WITHIN = {"find_collisions": "claim_elsewhere"}


def called(path: Path) -> set[str]:
    """The functions that a file calls, or hands on to be called, by their last name."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        node.id for node in nodes if isinstance(node, ast.Name)
    }


def test_each_command_has_a_page_or_a_reason_why_not() -> None:
    assert COMMANDS.keys() - TABLE.keys() == set(), "give these a page, or say in the decision why they have none"
    assert TABLE.keys() - COMMANDS.keys() == set(), "these commands are gone"
    assert all(len(text) > len("none: ") + 10 for text in TABLE.values())


@pytest.mark.parametrize("command", PAGES)
def test_a_page_and_its_command_call_one_verb(command: str) -> None:
    module = VIEWS[PAGES[command]]
    assert module.startswith("web.vendor."), "the operators' console"
    tree = ast.parse(COMMANDS[command].read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] in {"accounts", "subscriptions", "support"}
        for alias in node.names
    }
    verbs = {ASK[command]} if command in ASK else _verbs(tree) & imported
    assert verbs, "a command calls a verb with an actor"
    page = called(ROOT / f"{module.replace('.', '/')}.py")
    wanted = {(AROUND | WITHIN).get(verb, verb) for verb in verbs}
    assert wanted & page, f"{module} calls none of {wanted}"
    if command in AROUND:
        assert verbs <= called(ROOT / "accounts/directory/people.py")
    if verbs & WITHIN.keys():
        assert wanted <= called(ROOT / "accounts/own_domains/collisions.py")


def _verbs(tree: ast.AST) -> set[str]:
    """The functions that are called with an actor."""
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and any(keyword.arg == "actor" for keyword in node.keywords)
    }
