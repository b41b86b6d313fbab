"""Queues access changes in the transaction that saves what is desired (R7, R9, A1).

The row is the work: whatever becomes of the message that nudges a worker, a queued change is found
by the sweep, and a revocation ends access by itself (R8).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.models import AuditEvent
from accounts.moments import moment_in_log
from subscriptions.access.extent import Extent, desired_of, narrow, nearer
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

# Spread of the log-normal delay: nine of ten changes are in effect within about 3.6 medians.
DELAY_SIGMA = 1.0
# Seconds until a worker has a process free for access changes; turns at other work take about two.
WAITING_FOR_A_WORKER = 5

_SETTLED_EVENTS = {
    Outcome.APPLIED: EventName.RESELLER_ACCESS_APPLIED,
    Outcome.SUPERSEDED: EventName.RESELLER_ACCESS_SUPERSEDED,
    Outcome.FAILED: EventName.RESELLER_ACCESS_FAILED,
    Outcome.ENDED: EventName.RESELLER_ACCESS_ENDED,
}
# The names of both events of a change in SQL, for a change called c of a grant called g.
REQUESTED_NAME = f"""CASE WHEN g.subscription_id IS NULL
    THEN '{EventName.CHANGE_RESELLER_ACCESS}' ELSE '{EventName.CHANGE_RESELLER_ACCESS_FOR_SKU}' END"""
_BY_OUTCOME = " ".join(f"WHEN '{outcome}' THEN '{name}'" for outcome, name in _SETTLED_EVENTS.items())
SETTLED_NAME = f"CASE c.outcome {_BY_OUTCOME} ELSE '' END"


def said_sql(alias: str) -> str:
    """Return what said_of() tells, for a grant or a change called `alias` in SQL."""
    end = f"""to_char({alias}.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
    return f"""(jsonb_build_object('allowed', {alias}.allowed)
        || CASE WHEN {alias}.allowed AND {alias}.level <> '{Level.FULL}'
            THEN jsonb_build_object('level', {alias}.level) ELSE '{{}}' END
        || CASE WHEN {alias}.allowed AND {alias}.standing <> '{Standing.ALL}'
            THEN jsonb_build_object('standing_access', {alias}.standing) ELSE '{{}}' END
        || CASE WHEN {alias}.allowed AND {alias}.ends_at IS NOT NULL
            THEN jsonb_build_object('access_ends_at', {end}) ELSE '{{}}' END)"""


@dataclass(frozen=True, slots=True)
class Step:
    """One difference to be saved: the locked grant, what it becomes, and when that is due.

    extent: how far it is open from then on; None: as far as the grant says, without an end where it was off.
    outcome: how it ended where it only writes down what has come true already (R16).
    """

    grant: AccessGrant
    allowed: bool
    due_at: datetime
    reseller_agreed: bool = False
    extent: Extent | None = None
    outcome: Outcome | None = None


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
    before = {step.grant.pk: said_of(step.grant, allowed=step.grant.allowed) for step in steps}
    changes = [_advance(step, actor, now) for step in steps]
    AccessGrant.objects.bulk_update([step.grant for step in steps], _WRITTEN)
    AccessChange.objects.bulk_create(changes)
    settled = [settled_event(change) for change in changes if change.outcome]
    asked = [requested_event(change, before=before[change.grant_id], actor=actor) for change in changes]
    record_many([*events, *asked, *settled])
    return changes


# Of a grant, by a step.
_WRITTEN = [
    "allowed",
    "level",
    "standing",
    "ends_at",
    "generation",
    "observed_generation",
    "effective_until",
    "effective_ends_at",
    "effective_level",
    "effective_standing",
    "narrows_at",
    "narrow_level",
    "narrow_standing",
    "ended_at",
    "basis",
]


def _advance(step: Step, actor: Actor | None, now: datetime) -> AccessChange:
    """Write into the grant what is desired from now on, and what is taken from the window; return the change."""
    grant = step.grant
    grant.generation += 1
    gives = _open(step, now) if step.allowed else _close(step)
    change = AccessChange(
        grant=grant,
        generation=grant.generation,
        allowed=step.allowed,
        level=grant.level,
        standing=grant.standing,
        ends_at=grant.ends_at,
        gives=gives,
        requested_by=actor.user if actor else None,
        requested_by_email=actor.user.email if actor else "",
        requested_at=now,
        due_at=step.due_at,
        next_attempt_at=step.due_at,
        reseller_agreed=step.reseller_agreed,
        outcome=step.outcome,
    )
    if step.allowed and not gives and grant.narrows_at is None:
        # R16: only the end came nearer, and that holds already.
        change.outcome, change.due_at = Outcome.APPLIED, now
    if change.outcome:
        change.settled_at, grant.observed_generation = now, grant.generation
    return change


def _close(step: Step) -> bool:
    """R8: the end is written now and comes true by the clock. It is only ever brought closer."""
    grant = step.grant
    grant.allowed, grant.ends_at = False, None
    grant.effective_until = nearer(grant.effective_until, step.due_at)
    grant.effective_ends_at = None
    return False


def _open(step: Step, now: datetime) -> bool:
    """Tell whether a worker has something to give; what only takes is written now (R16, R18)."""
    grant = step.grant
    was_off = not grant.allowed
    wanted = step.extent or replace(desired_of(grant), ends_at=None if was_off else grant.ends_at)
    grant.allowed, grant.level, grant.ends_at, grant.standing = True, wanted.level, wanted.ends_at, wanted.standing
    return narrow(grant, wanted, step.due_at, now)


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
        took_effect = not (change.allowed and change.gives) and change.due_at <= now
        change.outcome = Outcome.APPLIED if took_effect else Outcome.SUPERSEDED
        change.settled_at = now
    AccessChange.objects.bulk_update(waiting, ["outcome", "settled_at"])
    observed = {c.grant_id: c.generation for c in waiting if c.outcome == Outcome.APPLIED}
    for grant in grants:
        grant.observed_generation = observed.get(grant.pk, grant.observed_generation)
    return [settled_event(change) for change in waiting]


def said_of(grant: AccessGrant | AccessChange, *, allowed: bool | None) -> dict[str, object]:
    """Return what a box says for the audit log: its level and its end only where they narrow it."""
    said: dict[str, object] = {"allowed": allowed}
    if allowed and grant.level != Level.FULL:
        said["level"] = grant.level
    if allowed and grant.standing != Standing.ALL:
        said["standing_access"] = grant.standing
    if allowed and grant.ends_at:
        said["access_ends_at"] = moment_in_log(grant.ends_at)
    return said


def requested_event(change: AccessChange, *, before: dict[str, object], actor: Actor | None) -> AuditEvent:
    """Return the event that says who asked for what: the first of the two events of a change.

    before: what the box said, as said_of() tells it.
    """
    sku = sku_name(change.grant)
    return event(
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU if sku else EventName.CHANGE_RESELLER_ACCESS,
        actor=actor,
        customer=change.grant.customer_id,
        subject=subject_of(change.grant),
        target=change.grant.reseller,
        old=before if change.generation > 1 else {"allowed": None},
        new=said_of(change, allowed=change.allowed)
        | {"due_at": change.due_at.isoformat()}
        | ({"SKU_NAME": sku, "reseller_agreed": change.reseller_agreed} if sku else {}),
        access_change_id=change.pk,
    )


def settled_event(change: AccessChange) -> AuditEvent:
    """Return the event that says how a change ended: the second and last event of a change."""
    assert change.outcome is not None
    new = said_of(change, allowed=change.allowed)
    if change.failure_reason:
        new["reason"] = change.failure_reason
    return event(
        _SETTLED_EVENTS[Outcome(change.outcome)],
        actor=None,
        customer=change.grant.customer_id,
        subject=subject_of(change.grant),
        target=change.grant.reseller,
        new=new,
        access_change_id=change.pk,
    )


def sku_name(grant: AccessGrant) -> str:
    """Return the name of the subscription a grant is about; empty for the console."""
    return grant.subscription.sku.name if grant.subscription else ""


def subject_of(grant: AccessGrant) -> str:
    """Return what a grant is about, for the reader of the audit log."""
    return ": ".join(filter(None, [grant.reseller.name, sku_name(grant)]))
