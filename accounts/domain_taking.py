"""Who verifies a domain takes the name from those that did not (P9): what becomes of their rows. Part of verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.domain_holders import addresses_at, around, columns_of, owner_of
from accounts.models import Domain, User
from accounts.models.domains import DomainKind, VerifiedHow


def verify_row(
    row: Domain, *, how: VerifiedHow, by: User | None = None, reason: str = "", decided: bool = False
) -> Domain:
    """Write that a domain is verified, and let it take the name, and those around it, from who did not verify.

    The organisation and the names are locked, and nobody else has verified a domain around it.
    decided: an operator gives it the name also where another organisation has addresses.
    """
    Domain.objects.filter(pk=row.pk).update(
        verified_at=Now(), verified_how=how, verified_by=by, reason=reason, look_asked_at=None, look_due_at=None
    )
    take_name(row, decided=decided)
    row.refresh_from_db()
    return row


def take_name(row: Domain, *, decided: bool = False) -> None:
    """Let a verified row have its name; where another one has addresses there and nothing is decided: let both wait."""
    others = Domain.objects.filter(name=row.name).exclude(pk=row.pk)
    holder = others.filter(holds=True).select_related("customer", "reseller").select_for_update(of=("self",)).first()
    if holder is not None and not _give_way(holder, decided=decided):
        Domain.objects.filter(pk=row.pk).update(holds=False, contested_at=Now())
        return
    Domain.objects.filter(pk=row.pk).update(holds=True, contested_at=None)
    nearby = Domain.objects.filter(around(row.name), verified_at=None).exclude(name=row.name)
    nearby = nearby.exclude(**columns_of(owner_of(row))).select_related("customer", "reseller")
    for other in nearby.select_for_update(of=("self",)).order_by("pk"):
        if _keeps_something(other):
            _contest(other)
        else:
            lose(other)


def _give_way(holder: Domain, *, decided: bool) -> bool:
    """Take the name from its holder, and tell whether it was taken."""
    if not _keeps_something(holder):
        lose(holder)
        return True
    if not decided:
        _contest(holder)
        return False
    record_about(holder, EventName.SETTLE_DOMAIN, actor=None, new={"domain": holder.name, "holds": False})
    Domain.objects.filter(pk=holder.pk).update(holds=False, contested_at=None)
    return True


def _keeps_something(row: Domain) -> bool:
    """Tell whether a row stays: there are addresses, or the organisation is found under it."""
    return row.kind == DomainKind.PRIMARY or addresses_at(owner_of(row), row.name).exists()


def _contest(row: Domain) -> None:
    if row.contested_at is None:
        Domain.objects.filter(pk=row.pk).update(contested_at=Now())
        record_about(row, EventName.DOMAIN_CONTESTED, actor=None, new={"domain": row.name})


def lose(row: Domain) -> None:
    """Remove a row without addresses, whose name another organisation has verified; not said which."""
    record_about(row, EventName.DOMAIN_LOST, actor=None, old={"domain": row.name})
    row.delete()


def record_about(
    row: Domain,
    name: EventName,
    *,
    actor: Actor | None,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    """Write an event about a domain, where its organisation reads it: the customer's log, the reseller's activity."""
    record_audit(
        name,
        actor=actor,
        customer=row.customer_id,
        subject=row.name,
        target=row,
        old=old,
        new=new,
        seen_by=row.reseller,
    )
