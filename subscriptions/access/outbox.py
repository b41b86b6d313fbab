"""Queues access changes in the transaction that saves what is desired (R7, R9, A1).

The row is the work: whatever becomes of the message that nudges a worker, a queued change is found
by the sweep, and a revocation ends access by itself (R8).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.models import AuditEvent
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome

# Spread of the log-normal delay: nine of ten changes are in effect within about 3.6 medians.
DELAY_SIGMA = 1.0
# Seconds until a worker has a process free for access changes; turns at other work take about two.
WAITING_FOR_A_WORKER = 5

_SETTLED_EVENTS = {
    Outcome.APPLIED: EventName.RESELLER_ACCESS_APPLIED,
    Outcome.SUPERSEDED: EventName.RESELLER_ACCESS_SUPERSEDED,
    Outcome.FAILED: EventName.RESELLER_ACCESS_FAILED,
}
# The names of both events of a change in SQL, for a change called c of a grant called g.
REQUESTED_NAME = f"""CASE WHEN g.subscription_id IS NULL
    THEN '{EventName.CHANGE_RESELLER_ACCESS}' ELSE '{EventName.CHANGE_RESELLER_ACCESS_FOR_SKU}' END"""
_BY_OUTCOME = " ".join(f"WHEN '{outcome}' THEN '{name}'" for outcome, name in _SETTLED_EVENTS.items())
SETTLED_NAME = f"CASE c.outcome {_BY_OUTCOME} ELSE '' END"


@dataclass(frozen=True, slots=True)
class Step:
    """One difference to be saved: the locked grant, what it becomes, and when that is due."""

    grant: AccessGrant
    allowed: bool
    due_at: datetime
    reseller_agreed: bool = False


def draw_due_at(now: datetime) -> datetime:
    """Draw when a change saved now is due: log-normal, between the MIN and MAX of the settings (R7).

    Access is given by the sweep after that moment, and MAX is promised: the last moments before it are left to the
    sweep. Two sweeps that do something lie at most one and a half intervals apart.
    """
    delay = random.lognormvariate(math.log(max(settings.ACCESS_PROPAGATION_MEDIAN, 0.001)), DELAY_SIGMA)
    latest = settings.ACCESS_PROPAGATION_MAX - 1.5 * settings.ACCESS_SWEEP_INTERVAL - WAITING_FOR_A_WORKER
    return now + timedelta(seconds=max(min(delay, latest), settings.ACCESS_PROPAGATION_MIN, 0))


def must_end(grant: AccessGrant, moment: datetime) -> bool:
    """Tell whether a revocation due at `moment` ends something: desired access, or a window that goes beyond it."""
    if grant.allowed:
        return True
    return grant.effective_from is not None and (grant.effective_until is None or grant.effective_until > moment)


def queue(steps: Sequence[Step], *, actor: Actor | None, now: datetime) -> list[AccessChange]:
    """Advance each grant by one generation and queue the change, with its audit events.

    steps: the differences; their grants are locked by the caller, at most one step for each.
    actor: who asked for it; None where the system itself ends or begins a relation.
    now: the database's clock, read under the locks.
    """
    if not steps:
        return []
    events = _settle_overtaken([step.grant for step in steps], now)
    before = {step.grant.pk: step.grant.allowed for step in steps}
    for step in steps:
        _advance(step)
    written = ["allowed", "generation", "effective_until", "ended_at", "basis"]
    AccessGrant.objects.bulk_update([step.grant for step in steps], written)
    changes = AccessChange.objects.bulk_create([_change(step, actor, now) for step in steps])
    record_many([*events, *(requested_event(c, was_allowed=before[c.grant_id], actor=actor) for c in changes)])
    return changes


def _advance(step: Step) -> None:
    grant = step.grant
    grant.generation += 1
    grant.allowed = step.allowed
    if not step.allowed:
        # R8: the end is written now and comes true by the clock. It is only ever brought closer.
        grant.effective_until = min(grant.effective_until or step.due_at, step.due_at)


def _change(step: Step, actor: Actor | None, now: datetime) -> AccessChange:
    return AccessChange(
        grant=step.grant,
        generation=step.grant.generation,
        allowed=step.allowed,
        requested_by=actor.user if actor else None,
        requested_by_email=actor.user.email if actor else "",
        requested_at=now,
        due_at=step.due_at,
        next_attempt_at=step.due_at,
        reseller_agreed=step.reseller_agreed,
    )


def _settle_overtaken(grants: Sequence[AccessGrant], now: datetime) -> list[AuditEvent]:
    """Settle what still waits for these grants: the newest decision wins (R9). Returns the events to write.

    A revocation whose time has come has taken effect by itself (R8), whether or not a worker saw it: it
    ends as applied. Everything else ends as superseded.
    """
    waiting = list(
        AccessChange.objects.filter(grant__in=grants, settled_at__isnull=True).select_related(
            "grant__reseller", "grant__subscription__sku"
        )
    )
    for change in waiting:
        took_effect = not change.allowed and change.due_at <= now
        change.outcome = Outcome.APPLIED if took_effect else Outcome.SUPERSEDED
        change.settled_at = now
    AccessChange.objects.bulk_update(waiting, ["outcome", "settled_at"])
    observed = {c.grant_id: c.generation for c in waiting if c.outcome == Outcome.APPLIED}
    for grant in grants:
        if generation := observed.get(grant.pk):
            AccessGrant.objects.filter(pk=grant.pk).update(observed_generation=generation)
    return [settled_event(change) for change in waiting]


def requested_event(change: AccessChange, *, was_allowed: bool, actor: Actor | None) -> AuditEvent:
    """Return the event that says who asked for what: the first of the two events of a change."""
    sku = sku_name(change.grant)
    return event(
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU if sku else EventName.CHANGE_RESELLER_ACCESS,
        actor=actor,
        customer=change.grant.customer_id,
        subject=subject_of(change.grant),
        old={"allowed": was_allowed if change.generation > 1 else None},
        new={"allowed": change.allowed, "due_at": change.due_at.isoformat()}
        | ({"SKU_NAME": sku, "reseller_agreed": change.reseller_agreed} if sku else {}),
        access_change_id=change.pk,
    )


def settled_event(change: AccessChange) -> AuditEvent:
    """Return the event that says how a change ended: the second and last event of a change."""
    assert change.outcome is not None
    new: dict[str, object] = {"allowed": change.allowed}
    if change.failure_reason:
        new["reason"] = change.failure_reason
    return event(
        _SETTLED_EVENTS[Outcome(change.outcome)],
        actor=None,
        customer=change.grant.customer_id,
        subject=subject_of(change.grant),
        new=new,
        access_change_id=change.pk,
    )


def sku_name(grant: AccessGrant) -> str:
    """Return the name of the subscription a grant is about; empty for the console."""
    return grant.subscription.sku.name if grant.subscription else ""


def subject_of(grant: AccessGrant) -> str:
    """Return what a grant is about, for the reader of the audit log."""
    return ": ".join(filter(None, [grant.reseller.name, sku_name(grant)]))
