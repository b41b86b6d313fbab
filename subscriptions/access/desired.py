"""What the customer desires: compared, saved, queued and audited in one transaction (R1 to R7, R12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.authorisation import authorise, require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer, Proposal
from accounts.models.two_people import Demand
from accounts.permissions import Permission
from accounts.two_people.demands import needs_second
from subscriptions.access.boxes_waiting import propose_boxes
from subscriptions.access.comparison import Desired, Key, Shown, Stored, check, compare, subscriptions_that_end
from subscriptions.access.ending import record_ends_of
from subscriptions.access.extent import Extent, desired_of, off_where_over
from subscriptions.access.held import hold_back
from subscriptions.access.outbox import Step, draw_due_at, must_end, queue
from subscriptions.access.policy import policy_of
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.change import Outcome
from subscriptions.models.subscription import Status
from subscriptions.nudges import nudge_after_commit


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a form: the queued changes, and the boxes that another person changed meanwhile (R6).

    proposal: what waits for another super admin (R21).
    """

    changes: list[AccessChange] = field(default_factory=list)
    conflicts: list[AccessGrant] = field(default_factory=list)
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a form would change if it were saved `at` this moment; a grant that is opened first has no row yet.

    waiting: what another super admin would have to approve first (R21). gives: whether any of it gives access, or makes
    it wider or longer (P13).
    """

    steps: list[Step]
    conflicts: list[AccessGrant]
    at: datetime
    waiting: list[Step] = field(default_factory=list)
    gives: bool = False


def save_reseller_access(
    *, actor: Actor, customer: Customer, desired: Iterable[Desired], agreed: Collection[int] = ()
) -> Saved:
    """Save the boxes of the page *Reseller access*.

    desired: the boxes as the admin left them; what they mean is the comparison's (comparison.py, R4, R6).
    agreed: the resellers of which the admin confirmed that they agreed to support the subscriptions (R3).

    Nothing differs: nothing happens. Where the customer demands two people, what gives everything or has no end waits
    for another super admin; what the same form takes, and what it gives beside that, is saved (R21).

    Raises AccessRefused where a rule refuses a box (nothing is saved then), PermissionDenied for
    anybody but a super admin (R5), ProofNeeded where something is given and their last proof is too old (P13).
    """
    boxes = list(desired)
    with taking_away() if _revokes_any(customer, boxes) else transaction.atomic():
        found = _compared(customer, _lock(actor, customer), boxes, agreed, _demands_two(actor, customer))
        if found.gives:
            require_fresh_proof(actor)
        saved = _save(found, actor)
        if not found.waiting:
            return saved
        return replace(saved, proposal=propose_boxes(actor, customer, _held(found.waiting, boxes), agreed))


@transaction.atomic
def save_approved_access(
    *, actor: Actor, customer: Customer, desired: Iterable[Desired], agreed: Collection[int] = ()
) -> Saved:
    """Save what two people decided (R21); otherwise like save_reseller_access, in the name of the second of them."""
    return _save(_compared(customer, _lock(actor, customer), list(desired), agreed), actor)


def preview_reseller_access(
    *,
    actor: Actor,
    customer: Customer,
    desired: Iterable[Desired],
    agreed: Collection[int] = (),
    approved: bool = False,
) -> Preview:
    """Tell what saving these boxes would change. It reads only: it waits for no lock, and nobody waits for it.

    Arguments and errors are those of save_reseller_access, which compares again. approved: by two people.
    """
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    grants = _decided(AccessGrant.objects.all(), customer)
    off_where_over(grants.values(), database_now())
    return _compared(customer, grants, list(desired), agreed, not approved and _demands_two(actor, customer))


def _held(waiting: Iterable[Step], boxes: Iterable[Desired]) -> list[Desired]:
    """Return the boxes that wait, against what is stored now; a console says how far it is to be open."""
    grants = {(step.grant.reseller_id, step.grant.subscription_id): step.grant for step in waiting}
    held = [replace(box, seen=grants[box.key].generation) for box in boxes if box.key in grants]
    return [
        box if box.extent or box.subscription_id else replace(box, extent=desired_of(grants[box.key])) for box in held
    ]


def _demands_two(actor: Actor, customer: Customer) -> bool:
    return needs_second(actor, customer, Demand.ACCESS)


def _save(found: Preview, actor: Actor) -> Saved:
    AccessGrant.objects.bulk_create([step.grant for step in found.steps if step.grant.pk is None])
    return Saved(_queue(found.steps, actor, found.at), found.conflicts)


def _revokes_any(customer: Customer, boxes: Sequence[Desired]) -> bool:
    """Tell, before anything is locked, whether a form takes access away."""
    off = {box.key for box in boxes if not box.allowed}
    allowed = AccessGrant.objects.filter(customer=customer, allowed=True, ended_at=None)
    return not off.isdisjoint(allowed.values_list("reseller", "subscription")) if off else False


def _compared(
    customer: Customer,
    grants: dict[Key, AccessGrant],
    boxes: Sequence[Desired],
    agreed: Collection[int],
    demands_two: bool = False,
) -> Preview:
    """Turn the difference into the steps that save it. Raises AccessRefused.

    demands_two: whether what opens everything, or has no end, waits for a second person (R21).
    """
    now = database_now()
    due_at = draw_due_at(now)
    stored = _stored(grants, due_at)
    boxes = [replace(box, extent=box.extent.fixed(due_at)) if box.extent else box for box in boxes]
    difference = compare(_shown(grants, boxes), stored, boxes)
    bought = _vendor_subscriptions(customer, difference.granted)
    longest = policy_of(customer).longest if difference.granted else None
    check(difference, stored, now, due_at + longest if longest else None, bought, agreed)
    difference, held = hold_back(difference, stored) if demands_two else (difference, [])

    def given(box: Desired) -> Step:
        grant = grants.get(box.key) or _first_grant(box, grants, bought)
        return Step(grant, True, due_at, reseller_agreed=box.subscription_id is not None, extent=box.extent)

    steps = [Step(grants[key], allowed=False, due_at=due_at) for key in difference.revoked]
    steps += [Step(grants[box.key], True, due_at, extent=box.extent) for box in difference.narrowed]
    steps += [given(box) for box in difference.granted]
    gives = bool(difference.granted or held)
    return Preview(steps, [grants[key] for key in difference.conflicts], now, [given(box) for box in held], gives)


def _stored(grants: Mapping[Key, AccessGrant], due_at: datetime) -> dict[Key, Stored]:
    return {
        key: Stored(grant.allowed, grant.generation, must_end(grant, due_at), grant.is_support_only, desired_of(grant))
        for key, grant in grants.items()
    }


@taking_away()
def remove_now(
    *, actor: Actor, customer: Customer, reseller_id: int, subscription_id: int | None = None
) -> list[AccessChange]:
    """End a present, pending or soon-ending access this instant (R8). Does nothing where there is none."""
    grants = _lock(actor, customer)
    now = database_now()
    keys = [
        k for k in grants if k == (reseller_id, subscription_id) or (subscription_id is None and k[0] == reseller_id)
    ]
    return _queue([Step(g, False, now) for k in keys if must_end(g := grants[k], now)], actor, now)


@taking_away()
def turn_off_for_all_resellers(*, actor: Actor, customer: Customer) -> list[AccessChange]:
    """Take every access of every reseller away, in one action (R12)."""
    grants = _lock(actor, customer)
    now = database_now()
    due_at = draw_due_at(now)
    allowed = [key for key, grant in grants.items() if grant.allowed]
    revoked = dict.fromkeys([*allowed, *subscriptions_that_end(_stored(grants, due_at), allowed)])
    return _queue([Step(grants[key], False, due_at) for key in revoked], actor, now)


@transaction.atomic
def retry_failed(
    *, actor: Actor, customer: Customer, reseller_id: int, subscription_id: int | None
) -> list[AccessChange]:
    """Retry what failed (R9): a new generation, so that the failed one keeps its history."""
    return retry(actor=actor, grant=_lock(actor, customer).get((reseller_id, subscription_id)))


@transaction.atomic
def retry(*, actor: Actor, grant: AccessGrant | None) -> list[AccessChange]:
    """Queue the newest change of a grant again if it failed. The caller has locked and authorised.

    Raises Refused, with the reason, for one that could only fail again.
    """
    if grant is None or not grant.allowed:
        return []
    failed = grant.changes.filter(generation=grant.generation, outcome=Outcome.FAILED).first()
    if failed is None:
        return []
    now = database_now()
    due_at = draw_due_at(now)
    if reason := fails_again(grant, due_at):
        raise Refused(reason, reason="conditionNotMet")
    require_fresh_proof(actor)
    return _queue([Step(grant, True, due_at, failed.reseller_agreed)], actor, now)


def fails_again(grant: AccessGrant, at: datetime) -> Promise | None:
    """Return why giving what a grant says could only fail at a moment, and what to do about it; else None (R9)."""
    if grant.reseller.suspended_at is not None:
        return _("The reseller is suspended, so it can only fail again. Restore the reseller first.")
    if grant.ends_at is not None and grant.ends_at <= at:
        return _("Its end has passed or is too near, so it can only fail again. The customer chooses a later end.")
    return None


def _lock(actor: Actor, customer: Customer) -> dict[Key, AccessGrant]:
    """Lock what this customer decides about.

    Who may decide is asked under the lock, so that a role taken away while we waited for it counts (R5, P8).
    """
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    grants = _decided(AccessGrant.objects.select_for_update(of=("self",), no_key=True), customer)
    record_ends_of(grants.values())
    return grants


def _decided(grants: QuerySet[AccessGrant], customer: Customer) -> dict[Key, AccessGrant]:
    """Return what this customer decides about: every live relation, and the subscriptions opened in it.

    grants: all of them, to be locked or only read.
    """
    grants = grants.filter(customer=customer).order_by("id")
    consoles = list(grants.filter(subscription=None, ended_at=None).select_related("reseller"))
    resellers = [grant.reseller_id for grant in consoles]
    rest = grants.filter(subscription__isnull=False, reseller__in=resellers)
    others = list(rest.select_related("reseller", "subscription__sku"))
    return {(g.reseller_id, g.subscription_id): g for g in [*consoles, *others]}


def _shown(grants: Mapping[Key, AccessGrant], boxes: Sequence[Desired]) -> dict[tuple[Key, int], Shown]:
    """Return what the boxes showed when the page was made; a generation that never was is left out."""
    shown = {(box.key, box.seen): Shown(False) for box in boxes if box.seen == 0 or box.key not in grants}
    shown |= {(key, grant.generation): Shown(grant.allowed, desired_of(grant)) for key, grant in grants.items()}
    older = [box for box in boxes if (box.key, box.seen) not in shown]
    if older:
        keys = {grants[box.key].pk: box.key for box in older}
        changes = AccessChange.objects.filter(grant__in=keys, generation__in={box.seen for box in older})
        said = changes.values_list("grant_id", "generation", "allowed", "level", "ends_at", "standing")
        for grant, generation, allowed, level, ends_at, standing in said:
            shown[keys[grant], generation] = Shown(allowed, Extent(level, ends_at, standing=standing))
    return shown


def _vendor_subscriptions(customer: Customer, granted: Sequence[Desired]) -> dict[int, Subscription]:
    """Return those of the granted subscriptions that were bought from the vendor and still live."""
    asked = {box.subscription_id for box in granted if box.subscription_id is not None}
    bought = Subscription.objects.filter(pk__in=asked, customer=customer, reseller=None)
    return {s.pk: s for s in bought.exclude(status=Status.CANCELLED).select_related("sku")} if asked else {}


def _first_grant(box: Desired, grants: Mapping[Key, AccessGrant], bought: Mapping[int, Subscription]) -> AccessGrant:
    """Make the row of a subscription that is opened to a reseller for the first time; saving it is the caller's."""
    assert box.subscription_id is not None  # a console without a grant was refused
    console = grants[box.reseller_id, None]
    return AccessGrant(
        customer_id=console.customer_id,
        reseller=console.reseller,
        subscription=bought[box.subscription_id],
        allowed=False,
        generation=0,
        customer_name=console.customer_name,
        customer_sort_name=console.customer_sort_name,
        customer_domain=console.customer_domain,
    )


def _queue(steps: Sequence[Step], actor: Actor, now: datetime) -> list[AccessChange]:
    changes = queue(steps, actor=actor, now=now)
    if changes:
        nudge_after_commit(min(change.due_at for change in changes), now)
    return changes
