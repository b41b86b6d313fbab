"""The audit log: one writer, used by every verb in its own transaction (A1)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.background.nudging import nudge_after_commit
from accounts.database.rows import insert_selected
from accounts.event_rows import SEND_WEBHOOKS, queue_selected, write_event_rows
from accounts.models import AuditEvent, ConsoleSession, Customer, Reseller, User
from accounts.models.audit_event import ActorKind
from accounts.models.event_names import EventName
from accounts.models.targets import Target, TargetKind


def record_audit(
    name: EventName, *, actor: Actor | None, customer: Customer | int | None, **details: Any
) -> AuditEvent:
    """Write one event. See `event()` for the arguments; needs an open transaction, the verb's own (A1)."""
    [written] = record_many([event(name, actor=actor, customer=customer, **details)])
    return written


def record_many(events: Iterable[AuditEvent]) -> list[AuditEvent]:
    """Write many events with one statement. Needs an open transaction, the verb's own (A1).

    With one more, those of which people are told are noted for the worker that tells them (R25), and messages are
    queued for the endpoints that hear of them (X6).
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit event belongs into the transaction of its change (A1)")
    written = AuditEvent.objects.bulk_create(events)
    if written and write_event_rows(written):
        nudge_after_commit(SEND_WEBHOOKS)
    return written


def record_for_people(
    name: EventName,
    *,
    actor: Actor | None,
    customer: Customer | int,
    people: Collection[int],
    old: Any = None,
    new: Any = None,
) -> None:
    """Write the same event about each of many people, by their ids, with one statement (A1).

    The subject is the person's address. Nobody is told of these events (R25). Ten thousand rows are made in the
    database in a tenth of the time that it takes to make them here and send them.
    """
    same = event(name, actor=actor, customer=customer, old=old, new=new)
    rows = f"SELECT u.email, '{TargetKind.USER}', u.id FROM accounts_user u WHERE u.id = ANY(%(people)s) ORDER BY u.id"  # noqa: S608  a constant
    _record_rows(same, ("subject", "target_kind", "target_id"), rows, {"people": list(people)})


def record_new_people(*, actor: Actor | None, customer: Customer, people: Collection[int]) -> None:
    """Write that people were created, by their ids, with one statement as above (A1)."""
    same = event(EventName.CREATE_USER, actor=actor, customer=customer)
    rows = f"""
        SELECT u.email, '{TargetKind.USER}', u.id, jsonb_build_object('email', u.email, 'name', u.name)
        FROM accounts_user u WHERE u.id = ANY(%(people)s) ORDER BY u.id"""  # noqa: S608  a constant
    _record_rows(same, ("subject", "target_kind", "target_id", "new_value"), rows, {"people": list(people)})


def record_for_customers(
    name: EventName,
    *,
    actor: Actor,
    subject: str,
    customers: Collection[int],
    said: Mapping[str, str],
    is_new: bool,
) -> None:
    """Write the same event of a reseller about each of many customers, by their ids, with one statement (A1).

    said: what it says beside the customer's domain: as the new value, or as the old one. Nobody is told of it (R25).
    """
    same = event(name, actor=actor, customer=None, subject=subject)
    rows = (
        "SELECT %(said)s::jsonb || jsonb_build_object('customer', c.primary_domain)"
        " FROM accounts_customer c WHERE c.id = ANY(%(customers)s) ORDER BY c.id"
    )
    params = {"said": json.dumps(dict(said)), "customers": list(customers)}
    _record_rows(same, ("new_value" if is_new else "old_value",), rows, params)


# What a SELECT says about each event, in this order.
_GIVEN = ("name", "customer_id", "subject", "target_kind", "target_id", "old_value", "new_value", "access_change_id")


def record_selected(rows: str, params: Mapping[str, Any]) -> int:
    """Write an event of the system itself for each row of a SELECT, with one statement (A1); returns how many.

    Nobody is told of them one by one: who asks for them tells of all of them at once (R25).

    rows: gives the name, the customer's id, the subject, the kind and the id of its target, the old and the new value,
    and the id of the access change.
    """
    same = event(EventName.RESTORE_BACKUP, actor=None, customer=None)
    return _record_rows(same, _GIVEN, rows, params, names=EventName.values)


def _record_rows(
    same: AuditEvent, given: Collection[str], rows: str, params: Mapping[str, Any], names: Collection[str] = ()
) -> int:
    """Write events that differ in what a SELECT gives, and say the same in everything else. names: that it may give."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit event belongs into the transaction of its change (A1)")
    queueing, named = queue_selected(names or [same.name])
    number = insert_selected(same, given, rows, {**params, **named}, then=queueing)
    if queueing and number:
        nudge_after_commit(SEND_WEBHOOKS)
    return number


def event(
    name: EventName,
    *,
    actor: Actor | None,
    customer: Customer | int | None,
    subject: str = "",
    target: Target | None = None,
    old: Any = None,
    new: Any = None,
    access_change_id: int | None = None,
    seen_by: Reseller | None = None,
    visit: ConsoleSession | None = None,
    about_id: int | None = None,
    activation_id: int | None = None,
) -> AuditEvent:
    """Return an unwritten event. An actor from outside is marked: as what, and for which organisation it acts (A4).

    actor: who did it; None only for the system itself.
    customer: in whose console; None for what happens at a reseller or the vendor.
    subject: what it is about, in words a reader knows: a reseller's name, a subscription's, an address.
    target: that object itself, which its page and the log's filters find the event by.
    old, new: the values before and after, JSON.
    seen_by: a reseller in whose log it stands though none of its people did it: something ended there by itself. What
    the vendor does to people and domains of a reseller stands there too (P5).
    visit: what it is about; what is done during a visit has it from its actor (R23).
    about_id: the row it is about, for those who are told of it (R25).
    activation_id: the activation it is about; what is done during one has it from its actor (R20).
    """
    reseller_id = seen_by.pk if seen_by else None
    if reseller_id is None and customer is None and actor is not None and actor.user.is_vendor:
        reseller_id = getattr(target, "reseller_id", None)
    copied = _copied(actor) | ({"actor_reseller_id": reseller_id} if reseller_id else {})
    copied |= {"console_session_id": visit.pk, "activation_id": visit.activation_id} if visit else {}
    copied |= {"activation_id": activation_id} if activation_id else {}
    written = AuditEvent(
        name=name,
        customer_id=customer.pk if isinstance(customer, Customer) else customer,
        subject=subject,
        target_kind=target.target_kind if target else None,
        target_id=target.pk if target else None,
        on_behalf_of=actor.user.organisation_name if actor and customer and actor.user.reseller_id else "",
        old_value=old,
        new_value=new,
        access_change_id=access_change_id,
        **copied,
    )
    written.about_id = about_id
    return written


def _copied(actor: Actor | None) -> dict[str, Any]:
    if actor is None:
        return {"actor_kind": ActorKind.SYSTEM}
    user = actor.user
    return {
        "actor_kind": ActorKind.SUPPORT_PARTNER if actor.is_support_partner else kind_of(user),
        "actor_id": user.pk,
        "actor_email": user.email,
        "actor_organisation": user.organisation_name,
        "actor_reseller_id": user.reseller_id,
        "ip_address": actor.ip_address,
        "console_session_id": actor.console_session_id,
        "activation_id": actor.activation_id,
        "client_id": actor.client.pk if actor.client else None,
        "client_name": actor.client.name if actor.client else None,
    }


def kind_of(user: User) -> ActorKind:
    """Return from where this person acts (A4)."""
    if user.customer_id:
        return ActorKind.CUSTOMER
    return ActorKind.RESELLER if user.reseller_id else ActorKind.VENDOR


__all__ = [
    "EventName",
    "event",
    "kind_of",
    "record_audit",
    "record_for_customers",
    "record_for_people",
    "record_many",
    "record_new_people",
    "record_selected",
]
