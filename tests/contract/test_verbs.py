"""The shape of a verb: keywords, and an actor without default; saves name their fields."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from types import ModuleType

from tests.contract import areas
from tests.contract.ours import OURS, calls_and_names, name_of, sources

VERB_MODULES = (
    "accounts.directory.people",
    "accounts.organisations",
    "accounts.staffing",
    "accounts.unstaffing",
    "accounts.console_sessions.entering",
    "subscriptions.access.desired",
    "subscriptions.access.policy",
    "subscriptions.access.relation",
    "subscriptions.access.retrying",
    "subscriptions.lifecycle",
    *(module for area in areas.ALL for module in area.verb_modules),
)
FOLLOWS = "follows from a verb of lifecycle.py, which has the actor; what follows is the system's own doing"
# Public functions there that change nothing, or nothing that anybody else could see, each with its reason.
NO_VERBS = {
    "accounts.organisations.claim_domain": "a question that keeps its answer true; it writes nothing",
    "accounts.organisations.clean_domain": "spelling",
    "accounts.organisations.clean_name": "spelling",
    "accounts.organisations.refuse_duplicate": "turns an error into words",
    "accounts.organisations.stored_sort_key": "spelling",
    "accounts.directory.people.save_list_choice": "how one's own lists look: the person is the actor",
    "accounts.directory.people.save_preferences": "how one's own pages look: the person is the actor",
    "accounts.console_sessions.entering.asks_for_reason": "a question",
    "accounts.console_sessions.entering.begin": "a part of entering, whose verbs say who and why",
    "accounts.console_sessions.entering.said_before": "a question",
    "accounts.staffing.customers_of": "a query set",
    "accounts.staffing.customers_of_agent_itself": "a query set",
    "accounts.staffing.customers_of_team": "a query set",
    "accounts.staffing.members_of": "a query set",
    "accounts.staffing.teams_of": "a query set",
    "accounts.staffing.works_for": "a condition",
    "accounts.staffing.works_for_all": "a question",
    "subscriptions.access.relation.begin_registration": FOLLOWS,
    "subscriptions.access.relation.begin_relation": FOLLOWS,
    "subscriptions.access.relation.contract_would_open": "a question",
    "subscriptions.access.relation.end_contract": "follows from a verb of support/partners.py, which has the actor",
    "subscriptions.access.relation.end_relation": FOLLOWS,
    "subscriptions.access.relation.end_subscription_access": FOLLOWS,
    "subscriptions.access.relation.sold_to": "a question",
    "subscriptions.access.policy.first_extent": "a question",
    "subscriptions.access.policy.policy_of": "a question",
    "subscriptions.access.retrying.failed_changes": "a query set",
    "subscriptions.access.retrying.overdue_changes": "a query set",
} | {name: why for area in areas.ALL for name, why in area.no_verbs.items()}


def public_functions(module: ModuleType) -> dict[str, inspect.Signature]:
    return {
        f"{module.__name__}.{name}": inspect.signature(function)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    }


def is_verb(signature: inspect.Signature) -> bool:
    """Keyword-only throughout, with an actor that has no default."""
    actor = signature.parameters.get("actor")
    keyword_only = all(parameter.kind is parameter.KEYWORD_ONLY for parameter in signature.parameters.values())
    return actor is not None and actor.default is actor.empty and keyword_only


def test_every_verb_takes_keywords_and_an_actor_without_default() -> None:
    functions = {name: s for module in VERB_MODULES for name, s in public_functions(import_module(module)).items()}
    assert {name for name, signature in functions.items() if not is_verb(signature)} == set(NO_VERBS)
    assert len(functions) - len(NO_VERBS) >= 20


def test_saves_name_the_fields_they_write() -> None:
    """A save without update_fields writes back what somebody else changed meanwhile; a first one loses nothing."""
    found = {
        f"{name_of(path)}:{node.lineno}"
        for path in sources(*OURS)
        for node in calls_and_names(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and not {keyword.arg for keyword in node.keywords} & {"update_fields", "force_insert"}
        and "session" not in ast.unparse(node.func)
        and name_of(path)
        not in {
            "accounts/console_sessions/browser_sessions.py",  # whose rows are Django's
            "accounts/seals/outside.py",  # which saves files
            "support/file_storage.py",  # too
        }
    }
    assert found == set()
