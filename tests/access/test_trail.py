"""The audit log of the access flow: A1, A2 and A3."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import AuditEvent
from subscriptions import lifecycle
from subscriptions.access import desired, propagation
from subscriptions.models import AccessChange, AccessGrant, Subscription
from tests.access.boxes import console, own, save
from tests.access.world import REQUESTED_NAMES, SETTLED_NAMES, World, pass_time, propagate, wish
from tests.factories import put_reseller


@pytest.mark.parametrize("statement", ["UPDATE {} SET subject = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_A2_the_trail_refuses_to_be_changed_in_sql(world: World, statement: str) -> None:
    before = list(AuditEvent.objects.order_by("id").values())
    assert before
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("accounts_auditevent"))
    assert list(AuditEvent.objects.order_by("id").values()) == before


def test_A2_an_event_survives_the_people_it_names(world: World) -> None:
    [change] = save(world, console(world, False)).changes
    email = world.admin.user.email
    world.admin.user.delete()
    event = AuditEvent.objects.get(access_change_id=change.pk)
    assert (event.actor_email, event.actor_organisation) == (email, world.customer.name)


# As the help pages of the original list them: what its admins do, and signing in.
ORIGINAL = {
    *("CHANGE_RESELLER_ACCESS", "CHANGE_RESELLER_ACCESS_FOR_SKU", "ASSIGN_ROLE", "UNASSIGN_ROLE", "CREATE_USER"),
    *("USER_LICENSE_ASSIGNMENT", "USER_LICENSE_REVOKE", "GENERATE_TRANSFER_TOKEN"),
    *("login_success", "login_failure", "logout", "password_edit"),
    *("2sv_enroll", "2sv_disable", "GENERATE_2SV_SCRATCH_CODES"),
}


def test_A3_events_are_called_as_the_original_calls_them_and_others_in_the_same_way() -> None:
    assert set(EventName.values) >= ORIGINAL
    names = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)*|[a-z0-9]+(_[a-z0-9]+)*")
    assert [name for name in EventName.values if not names.fullmatch(name)] == []


def test_A3_the_database_takes_no_name_that_is_not_listed(world: World) -> None:
    with pytest.raises(IntegrityError, match="event_name_is_known"), transaction.atomic():
        AuditEvent.objects.create(name="RESELLER_ACCESS_GRANTED")


@pytest.mark.django_db(transaction=True)
def test_A1_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record_audit(EventName.CREATE_USER, actor=None, customer=None)


VERBS: dict[str, Callable[[World], object]] = {
    "save": lambda w: save(w, console(w, False), wish(w.customer, w.reseller, False, w.own)),
    "give": lambda w: save(w, own(w, True)),
    "remove_now": lambda w: desired.remove_now(actor=w.admin, customer=w.customer, reseller_id=w.reseller.pk),
    "turn_off": lambda w: desired.turn_off_for_all_resellers(actor=w.admin, customer=w.customer),
    "cancel": lambda w: lifecycle.cancel_subscription(actor=Actor(w.agent), subscription=w.sold),
    "transfer": lambda w: lifecycle.transfer_subscription(actor=w.admin, subscription=w.sold, reseller=put_reseller()),
}


@pytest.mark.parametrize("verb", VERBS)
def test_A1_without_its_event_a_verb_changes_nothing(world: World, verb: str) -> None:
    before = _state()
    _refuse_events(True)
    with pytest.raises(DatabaseError, match="no_event"), transaction.atomic():
        VERBS[verb](world)
    assert _state() == before
    _refuse_events(False)
    VERBS[verb](world)
    assert _state() != before


def test_A1_without_its_event_a_change_is_not_applied(world: World) -> None:
    save(world, console(world, False))
    propagate()
    save(world, console(world, True))
    pass_time(86400)
    _refuse_events(True)
    before = world.console()
    assert propagation.apply_due_changes() == 0
    assert (world.console().effective_from, world.console().observed_generation) == (
        before.effective_from,
        before.observed_generation,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_A1_every_change_has_one_event_when_requested_and_one_when_settled(world: World, verb: str) -> None:
    save(world, own(world, True))
    propagate()
    VERBS[verb](world)
    propagate()
    for change in AccessChange.objects.all():
        names = list(
            AuditEvent.objects.filter(access_change_id=change.pk).order_by("id").values_list("name", flat=True)
        )
        assert len(names) == 2, (change, names)
        assert names[0] in REQUESTED_NAMES
        assert names[1] in SETTLED_NAMES


def _state() -> tuple[object, ...]:
    tables = (AccessGrant, AccessChange, AuditEvent, Subscription)
    return tuple(list(table._default_manager.order_by("pk").values()) for table in tables)


def _refuse_events(refused: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditevent DROP CONSTRAINT IF EXISTS no_event")
        if refused:
            cursor.execute("ALTER TABLE accounts_auditevent ADD CONSTRAINT no_event CHECK (false) NOT VALID")
