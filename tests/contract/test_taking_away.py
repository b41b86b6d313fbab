"""Every verb that takes access away waits longer, and frees its way (R8): read from the code itself."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.contract.ours import ROOT, name_of, sources

# What a verb is called that takes something from someone.
TAKING = ("block", "cancel", "delete", "end", "remove", "revoke", "suspend", "turn_off", "unassign", "withdraw")
# Of those, the ones that close nothing to anybody: they answer *busy* like every other verb.
NOT_ACCESS = {
    "accounts/directory/groups.py:delete_group": "a group opens nothing in this console",
    "accounts/directory/groups.py:delete_groups": "groups open nothing in this console",
    "accounts/directory/group_aliases.py:remove_group_alias": "an alias receives mail and opens nothing",
    "accounts/directory/groups.py:remove_people": "a group opens nothing in this console",
    "accounts/directory/groups.py:remove_member": "a group opens nothing in this console",
    "accounts/directory/org_units.py:remove_org_unit": "only an empty one can be removed",
    "accounts/single_sign_on/setting_up.py:remove": "how people sign in; sessions go on",
    "accounts/sign_in/enrolling.py:remove_factor": "one's own way to sign in; sessions go on",
    "accounts/unstaffing.py:end_staffing": "a part of ending the relation, whose verb takes the access",
    "accounts/unstaffing.py:end_staffing_of": "a part of deleting an agent, whose verb takes the access",
    "accounts/directory/renaming.py:remove_alias": "an alias receives mail and opens nothing",
    "accounts/two_people/proposing.py:withdraw": "a proposal opens nothing",
    "subscriptions/access/asking.py:withdraw": "a request opens nothing",
    "subscriptions/billing.py:remove_payment_account": "what is paid, and opens nothing",
    "subscriptions/customer_groups.py:delete_group": "a group of customers opens nothing",
    "subscriptions/customer_groups.py:remove_customers": "a group of customers opens nothing",
    "subscriptions/leaving.py:remove_org_unit": "only an empty one can be removed",
    "subscriptions/licensing.py:revoke_licences": "a licence is for a product, not for a console",
    "subscriptions/licensing_several.py:revoke_from_several": "a licence is for a product, not for a console",
    "subscriptions/lifecycle/pausing.py:suspend_subscription": "the relation, and its access, go on (B6)",
}
# Verbs that may take access beside something else, and do so with other names.
OTHERS = {
    "accounts/applications/changing.py:narrow_application",
    "accounts/webhooks/endpoints.py:pause_webhook",
    "accounts/directory/passwords.py:reset_password",
    "accounts/directory/passwords.py:set_password",
    "accounts/directory/people.py:change_roles",
    "subscriptions/lifecycle/ending.py:transfer_to_direct",
    "subscriptions/access/desired.py:save_reseller_access",
    "subscriptions/access/kept_out.py:keep_machines_out",
    "subscriptions/reviews/deciding.py:decide_lines",
}


def verbs() -> dict[str, bool]:
    """Return our verbs, and whether each takes access away."""
    found = {}
    for path in sources("accounts", "subscriptions", "support", "jobs", "web", "api"):
        for node in _functions(path):
            if any(argument.arg == "actor" for argument in node.args.kwonlyargs):
                found[f"{name_of(path)}:{node.name}"] = "taking_away()" in ast.unparse(node)
    return found


def _functions(path: Path) -> list[ast.FunctionDef]:
    body = ast.parse((ROOT / path).read_text(), str(path)).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def test_R8_every_verb_that_takes_access_away_frees_its_way() -> None:
    all_verbs = verbs()
    named_so = {verb for verb in all_verbs if verb.partition(":")[2].startswith(TAKING)}
    assert {verb for verb, takes in all_verbs.items() if takes} == (named_so - set(NOT_ACCESS)) | OTHERS


def test_what_is_exempt_is_there() -> None:
    assert set(NOT_ACCESS) | OTHERS <= set(verbs())
