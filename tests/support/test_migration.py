"""The move to the Customer Care Portal (S9)."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import audit
from accounts.authorisation import permissions_on
from accounts.errors import Refused
from accounts.mail import sending
from accounts.models import AuditEvent, Customer, RoleAssignment
from accounts.models.event_names import EventName
from accounts.permissions import Permission
from accounts.roles import Role
from support import migration, partners, tasks
from support.models import CareMigration, SupportAssignment
from support.schedule import moves_on
from support.scope import cases_visible_to
from tests.cast import Cast
from tests.factories import fresh
from tests.support.world import (
    CLOUD,
    WORKSPACE,
    acting,
    active,
    ask,
    confirm,
    event_names,
    make_case,
    moved,
    pass_days,
    remove,
    status,
)

TODAY = timezone.now().date()
TOMORROW = TODAY + timedelta(days=1)


def move(customer: Customer) -> migration.Move | None:
    return migration.migrate_customer(actor=None, customer=customer)


def everything() -> list[Any]:
    """Whatever a move writes."""
    tables = (SupportAssignment, CareMigration, RoleAssignment, AuditEvent)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("migrate_support_contracts", *arguments, stdout=out)
    return out.getvalue()


def test_S9_contracts_and_cases_move_by_themselves_and_nothing_is_interrupted(cast: Cast) -> None:
    running, asked = active(cast.acme, cast.resale_one), ask(cast.acme, cast.resale_two, CLOUD)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    before = {person.email: set(cases_visible_to(fresh(person))) for person in cast.resale_one.people}
    plan = move(cast.acme.customer)
    assert plan is not None
    assert (plan.contracts, plan.pending, plan.managers) == (1, 1, 1)
    running.refresh_from_db()
    assert (running.status, running.in_care_portal) == ("active", True)
    seen = {person.email: set(cases_visible_to(fresh(person))) for person in cast.resale_one.people}
    assert all(before[email] <= cases for email, cases in seen.items())
    assert seen[cast.resale_one.support_agent.email] == {case}
    # A request that was open is still open; confirmed now, it is a contract.
    confirm(asked)
    asked.refresh_from_db()
    assert (asked.status, asked.in_care_portal) == ("active", True)


def test_S9_repeating_the_move_changes_nothing(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    assert move(cast.acme.customer)
    before = everything()
    assert move(cast.acme.customer) is None
    assert "has moved already" in command("--customer", "acme.example")
    assert everything() == before


def test_S9_the_support_manager_role_is_taken_away_and_its_holders_go_on_with_cases(cast: Cast) -> None:
    manager = cast.acme.support_manager
    move(cast.acme.customer)
    assert fresh(manager).roles == {Role.SUPPORT}
    permissions = permissions_on(fresh(manager), cast.acme.customer)
    assert {Permission.VIEW_CASES, Permission.FILE_CASES} <= permissions
    assert Permission.MANAGE_SUPPORT_PARTNERS not in permissions
    assert fresh(cast.globex.support_manager).roles == {Role.SUPPORT_MANAGER}
    assert event_names(cast.acme.customer)[-3:] == ["ASSIGN_ROLE", "UNASSIGN_ROLE", "CUSTOMER_CARE_MOVED"]


def test_S9_super_admins_are_told_before_the_day_and_after_it(cast: Cast, settings: Any) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE = TODAY + timedelta(days=30)
    tasks.move_due_customers()
    tasks.move_due_customers()
    sending.send_due_mails()
    told = sorted((m.to[0], "moves to" in m.subject) for m in mail.outbox)
    assert told == [(cast.acme.super_admin.email, True), (cast.globex.super_admin.email, True)]
    assert not moved(cast.acme.customer)
    mail.outbox.clear()
    settings.CUSTOMER_CARE_MIGRATION_DATE = TODAY
    assert sum(migration.moves()) == 2
    assert sum(migration.moves()) == 0
    sending.send_due_mails()
    told = sorted((m.to[0], "has moved" in m.subject) for m in mail.outbox)
    assert told == [(cast.acme.super_admin.email, True), (cast.globex.super_admin.email, True)]


def test_S9_before_its_day_nobody_moves_and_a_day_of_its_own_wins(cast: Cast, settings: Any) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE = TOMORROW
    assert sum(migration.moves()) == 0
    assert "not before" in command("--customer", "acme.example")
    assert not moved(cast.acme.customer)
    settings.CUSTOMER_CARE_MIGRATION_DATE = TODAY
    migration.schedule_migration(actor=None, customer=cast.acme.customer, day=TOMORROW)
    assert sum(migration.moves()) == 1
    assert (moved(cast.acme.customer), moved(cast.globex.customer)) == (False, True)
    settings.CUSTOMER_CARE_MIGRATION_DATE = date(2999, 1, 1)
    assert "acme.example: moved" in command("--customer", "acme.example", "--day", TODAY.isoformat())


def test_S9_a_customer_that_came_after_the_day_is_told_before_it_moves(cast: Cast, settings: Any) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE, customer = date(2022, 10, 26), cast.acme.customer
    assert moves_on(customer) == TODAY + timedelta(days=30)
    tasks.move_due_customers()
    sending.send_due_mails()
    assert not moved(customer)
    assert (cast.acme.super_admin.email, True) in [(m.to[0], "moves to" in m.subject) for m in mail.outbox]
    month_ago = timezone.now() - timedelta(days=30)
    Customer.objects.filter(pk=customer.pk).update(created_at=month_ago + timedelta(days=1))
    assert sum(migration.moves()) == 0
    Customer.objects.filter(pk=customer.pk).update(created_at=month_ago)
    assert sum(migration.moves()) == 1
    assert moved(customer)


def test_S9_a_dry_run_says_what_would_move_and_changes_nothing(cast: Cast, settings: Any) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE = TODAY
    active(cast.acme, cast.resale_one)
    before = everything()
    said = command("--dry-run")
    assert "acme.example: would move 1 contracts, 0 requests stay open, 1 support managers" in said
    assert "2 customers would be moved" in said
    assert "would move" in command("--dry-run", "--customer", "acme.example")
    assert everything() == before


def test_the_command_names_what_it_does_not_know(cast: Cast) -> None:
    with pytest.raises(CommandError, match="primary domain nowhere"):
        command("--customer", "nowhere.example")
    with pytest.raises(CommandError, match="--day needs --customer"):
        command("--day", "2026-01-01")


def test_S9_interrupted_anywhere_each_customer_has_moved_whole_or_not_at_all(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE = TODAY
    active(cast.acme, cast.resale_one)
    active(cast.globex, cast.resale_two)

    def interrupt(name: EventName, **details: Any) -> Any:
        if details["customer"] == cast.globex.customer:
            raise KeyboardInterrupt
        return audit.record_audit(name, **details)

    monkeypatch.setattr(migration, "record_audit", interrupt)
    with pytest.raises(KeyboardInterrupt):
        command()
    assert (moved(cast.acme.customer), moved(cast.globex.customer)) == (True, False)
    assert fresh(cast.globex.support_manager).roles == {Role.SUPPORT_MANAGER}
    assert not SupportAssignment.objects.filter(customer=cast.globex.customer, in_care_portal=True).exists()
    monkeypatch.undo()
    assert "1 customers moved" in command()
    assert moved(cast.globex.customer)


def contract(cast: Cast, side: Any, service: Any = WORKSPACE) -> SupportAssignment:
    actor = acting(cast.acme.super_admin)
    return partners.create_contract(
        actor=actor, customer=cast.acme.customer, service=service, reseller=side.reseller, opens_console=True
    )


def test_S9_after_the_move_a_contract_needs_no_approval_and_a_service_may_have_several(cast: Cast) -> None:
    move(cast.acme.customer)
    first, second = contract(cast, cast.resale_one), contract(cast, cast.resale_two)
    assert (status(first), status(second)) == ("active", "active")
    with pytest.raises(Refused, match="already"):
        contract(cast, cast.resale_one)
    case = make_case(cast.acme.customer, cast.acme.super_admin)
    assert case in cases_visible_to(fresh(cast.resale_two.support_agent))
    actor = acting(cast.acme.super_admin)
    partners.remove_support_partner(actor=actor, customer=cast.acme.customer, assignment_id=second.pk)
    assert case not in cases_visible_to(fresh(cast.resale_two.support_agent))
    assert case in cases_visible_to(fresh(cast.resale_one.support_agent))


def test_S9_a_contract_takes_the_place_of_a_request_that_is_still_open(cast: Cast) -> None:
    asked = ask(cast.acme, cast.resale_one)
    move(cast.acme.customer)
    made = contract(cast, cast.resale_one)
    assert (status(asked), status(made)) == ("withdrawn", "active")


def test_S9_each_side_of_the_move_has_its_own_way(cast: Cast) -> None:
    with pytest.raises(Refused, match="not moved"):
        contract(cast, cast.resale_one)
    move(cast.acme.customer)
    with pytest.raises(Refused, match="Customer Care Portal"):
        partners.assign_support_partner(
            actor=acting(cast.acme.super_admin),
            customer=cast.acme.customer,
            service=WORKSPACE,
            reseller=cast.resale_one.reseller,
            verifier_email=cast.resale_one.support_agent.email,
        )
    with pytest.raises(PermissionDenied):
        partners.create_contract(
            actor=acting(cast.acme.support_manager),
            customer=cast.acme.customer,
            service=WORKSPACE,
            reseller=cast.resale_one.reseller,
            opens_console=False,
        )


def test_only_the_system_and_operators_move_customers(cast: Cast) -> None:
    for person in (cast.acme.super_admin, cast.resale_one.admin, cast.vendor_support):
        with pytest.raises(PermissionDenied):
            migration.migrate_customer(actor=acting(person), customer=cast.acme.customer)
    assert migration.migrate_customer(actor=acting(cast.operator), customer=cast.acme.customer)


def test_S8_what_ended_before_the_move_stays_ended(cast: Cast) -> None:
    removed, expired = active(cast.acme, cast.resale_one), ask(cast.acme, cast.resale_two, CLOUD)
    remove(cast.acme, removed)
    pass_days(15)
    plan = move(cast.acme.customer)
    assert plan is not None
    assert (plan.contracts, plan.pending) == (0, 0)
    for assignment in (removed, expired):
        assignment.refresh_from_db()
        assert not assignment.in_care_portal
    contract(cast, cast.resale_two, CLOUD)
    assert status(expired) == "expired"
