"""A super admin does not want to see a finding for now, and says why; anybody of them takes that back (R5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer
from accounts.names import readable
from accounts.permissions import Permission
from subscriptions.access.findings import Finding
from subscriptions.models import FindingSnooze
from subscriptions.models.finding import REASON_MAX_LENGTH

# How long a finding can be snoozed; None: until its facts are others.
SNOOZES: Final = (timedelta(days=30), timedelta(days=90), None)


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A finding that is not shown among the others, and who did not want to see it, until when and why."""

    finding: Finding
    snooze: FindingSnooze


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong: what needs a look, and what was snoozed."""

    needs_a_look: list[Finding]
    snoozed: list[Snoozed]


def health_of(customer: Customer, findings: Iterable[Finding], now: datetime) -> Health:
    """Put aside the findings that are snoozed at a moment; one query. now: the database's clock."""
    findings = list(findings)
    stored = FindingSnooze.objects.filter(customer=customer) if findings else ()
    lasting = {(s.kind, s.about, s.facts): s for s in stored if s.until is None or s.until > now}
    needs_a_look, snoozed = [], []
    for finding in findings:
        if snooze := lasting.get((finding.kind, finding.about, finding.facts)):
            snoozed.append(Snoozed(finding, snooze))
        else:
            needs_a_look.append(finding)
    return Health(needs_a_look, snoozed)


@transaction.atomic
def snooze_finding(
    *, actor: Actor, customer: Customer, finding: Finding, lasts: timedelta | None, reason: str
) -> FindingSnooze:
    """Put a finding aside; a second time the newer reason and moment count.

    finding: as it was found just now. lasts: one of SNOOZES.

    Raises Refused for a duration that is none and without a reason, PermissionDenied for anybody but a super admin.
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    if lasts not in SNOOZES:
        raise Refused(_("Choose how long."), "lasts")
    reason = readable(reason)
    if not reason or len(reason) > REASON_MAX_LENGTH:
        raise Refused(_("Enter a reason of %(limit)s characters at most.") % {"limit": REASON_MAX_LENGTH}, "reason")
    snooze, _created = FindingSnooze.objects.update_or_create(
        customer=customer,
        kind=finding.kind,
        about=finding.about,
        defaults={
            "subject": _subject(finding, customer),
            "facts": finding.facts,
            "reason": reason,
            "until": database_now() + lasts if lasts else None,
            "snoozed_at": Now(),
            "snoozed_by": actor.user,
            "snoozed_by_email": actor.user.email,
        },
    )
    _record(EventName.SNOOZE_FINDING, actor, snooze, old=None, new=_said(snooze))
    return snooze


@transaction.atomic
def take_back_snooze(*, actor: Actor, customer: Customer, snooze_id: int) -> bool:
    """Let a finding be seen again; tells whether it was snoozed.

    Raises PermissionDenied for anybody but a super admin.
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    snooze = FindingSnooze.objects.filter(customer=customer, pk=snooze_id).first()
    if snooze is None:
        return False
    _record(EventName.UNSNOOZE_FINDING, actor, snooze, old=_said(snooze), new=None)
    snooze.delete()
    return True


def _subject(finding: Finding, customer: Customer) -> str:
    """Return what a finding is about, for the reader of the audit log."""
    if finding.box is None:
        return customer.name
    subscription = finding.box.subscription
    return ": ".join(filter(None, [finding.box.reseller.name, subscription.sku.name if subscription else ""]))


def _record(
    name: EventName, actor: Actor, snooze: FindingSnooze, *, old: dict[str, Any] | None, new: dict[str, Any] | None
) -> None:
    record_audit(name, actor=actor, customer=snooze.customer_id, subject=snooze.subject, old=old, new=new)


def _said(snooze: FindingSnooze) -> dict[str, Any]:
    until = snooze.until.isoformat() if snooze.until else None
    return {"finding": snooze.kind, "snoozed_until": until, "reason": snooze.reason}
