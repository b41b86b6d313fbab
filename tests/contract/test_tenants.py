"""Every model has a test that one tenant never sees another's rows, or a reason."""

from __future__ import annotations

import pytest
from django.db.models import Manager, Model

from tests.contract import areas
from tests.contract.ours import MODELS, OURS, ROOT

# Where it is proved that one tenant never sees another's rows of a model: test file, and a name that stands in it.
SCOPE_TESTS = {
    "accounts.AuditEvent": ("tests/web/console/test_audit_log.py", "stranger"),
    "accounts.Customer": ("tests/contract/test_mirror.py", "test_no_address_of_one_tenant_exists_for_the_other"),
    "accounts.CustomerAgent": ("tests/accounts/test_staffing.py", "test_"),
    "accounts.CustomerTeam": ("tests/accounts/test_staffing.py", "test_"),
    "accounts.Team": (
        "tests/contract/test_mirror.py",
        "test_forged_ids_in_every_field_reach_no_row_of_the_other_tenant",
    ),
    "accounts.User": ("tests/contract/test_mirror.py", "test_no_page_of_one_tenant_says_anything_about_the_other"),
    "subscriptions.AccessChange": ("tests/contract/test_mirror.py", "test_no_page_of_one_tenant_says_anything_about"),
    "subscriptions.AccessPolicy": (
        "tests/contract/test_mirror.py",
        "test_forged_ids_in_every_field_reach_no_row_of_the_other_tenant",
    ),
    "subscriptions.AccessGrant": ("tests/access/test_scope.py", "test_"),
    "subscriptions.Subscription": ("tests/web/console/test_subscriptions_page.py", "out_of_scope_does_not_exist"),
    "support.Attachment": ("tests/support/test_attachments.py", "test_a_file_of_another_case_or_customer_is_not_found"),
    "support.Case": (
        "tests/support/test_scope.py",
        "test_S6_an_active_partner_sees_every_case_of_its_service",
    ),
    "support.CaseEvent": ("tests/contract/test_mirror.py", "test_no_page_of_one_tenant_says_anything_about_the_other"),
    "support.SupportAssignment": (
        "tests/contract/test_mirror.py",
        "test_forged_ids_in_every_field_reach_no_row_of_the_other_tenant",
    ),
} | {label: test for area in areas.ALL for label, test in area.scope_tests.items()}
NO_TENANT = {
    "accounts.Heartbeat": "says that a process works; nothing of a tenant is in it",
    "accounts.Sweep": "says when a kind of work was looked for; nothing of a tenant is in it",
    "subscriptions.AccessTiming": "says how long changes took in all; nothing of a tenant is in it",
    "accounts.EventOfChange": "a trigger writes it, and no page shows it",
    "accounts.HelpFeedback": "names nobody; operators of the vendor read all of it",
    "accounts.Mail": "read by the worker that sends it; no page shows it",
    "accounts.Reseller": "its name is known to whoever is its customer; rows about it are scoped by the models above",
    "accounts.RoleAssignment": "read through its person only",
    "subscriptions.Product": "the vendor's catalogue, the same for everybody",
    "subscriptions.Sku": "the vendor's catalogue, the same for everybody",
    "support.CareMigration": "says that a customer has moved; asked by verbs, and no page shows it",
    "support.LookUp": "counts look-ups; no page shows it",
    "support.Subscriber": "read through its case only",
    "subscriptions.Restore": "says when a backup was restored; what it closed of a customer is in its access changes",
} | {label: why for area in areas.ALL for label, why in area.no_tenant.items()}


def test_every_model_has_a_tenant_test_or_a_reason() -> None:
    assert {model._meta.label for model in MODELS} == SCOPE_TESTS.keys() | NO_TENANT.keys()
    assert not SCOPE_TESTS.keys() & NO_TENANT.keys()


@pytest.mark.parametrize(("label", "test"), SCOPE_TESTS.items(), ids=[*SCOPE_TESTS])
def test_the_tenant_test_of_a_model_exists(label: str, test: tuple[str, str]) -> None:
    path, name = test
    assert f"def test_{name.removeprefix('test_')}" in (text := (ROOT / path).read_text()) or name in text
    assert label.partition(".")[0] in OURS


@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_constraints_and_indexes_say_what_they_are_for(model: type[Model]) -> None:
    """Named by hand, and no model has permissions that nobody thought of."""
    names = [constraint.name for constraint in model._meta.constraints] + [i.name for i in model._meta.indexes]
    assert [name for name in names if name.endswith(("_idx", "_uniq", "_check"))] == []
    assert model._meta.default_permissions == ()
    assert isinstance(model._default_manager, Manager)
