"""The trail: one writer, used by every verb in its own transaction (A1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.models import AuditEvent, Customer, User
from accounts.models.audit_event import ActorKind, EventName


def record(name: EventName, *, actor: Actor | None, customer: Customer | int | None, **details: Any) -> AuditEvent:
    """Write one event. See `event()` for the arguments; needs an open transaction, the verb's own (A1)."""
    [written] = record_many([event(name, actor=actor, customer=customer, **details)])
    return written


def record_many(events: Iterable[AuditEvent]) -> list[AuditEvent]:
    """Write many events with one statement. Needs an open transaction, the verb's own (A1)."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit event belongs into the transaction of its change (A1)")
    return AuditEvent.objects.bulk_create(events)


def event(
    name: EventName,
    *,
    actor: Actor | None,
    customer: Customer | int | None,
    subject: str = "",
    old: Any = None,
    new: Any = None,
    access_change_id: int | None = None,
) -> AuditEvent:
    """Return an unwritten event. An actor from outside is marked: as what, and for which organisation it acts (A4).

    actor: who did it; None only for the system itself.
    customer: in whose console; None for what happens at a reseller or the vendor.
    subject: what it is about, in words a reader knows: a reseller's name, a subscription's, an address.
    old, new: the values before and after, JSON.
    """
    return AuditEvent(
        name=name,
        customer_id=customer.pk if isinstance(customer, Customer) else customer,
        subject=subject,
        on_behalf_of=actor.user.organisation_name if actor and customer and actor.user.reseller_id else "",
        old_value=old,
        new_value=new,
        access_change_id=access_change_id,
        **_copied(actor),
    )


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
    }


def kind_of(user: User) -> ActorKind:
    """Return from where this person acts (A4)."""
    if user.customer_id:
        return ActorKind.CUSTOMER
    return ActorKind.RESELLER if user.reseller_id else ActorKind.VENDOR


__all__ = ["EventName", "event", "kind_of", "record", "record_many"]
