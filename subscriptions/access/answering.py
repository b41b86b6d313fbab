"""A customer answers a request for access: approves it, as asked or narrower, rejects it, or hands it on (R17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.mail import post
from accounts.models import Customer, Proposal, User
from accounts.models.two_people import Demand, ProposalKind
from accounts.names import clean_text
from accounts.permissions import Permission
from accounts.two_people.demands import needs_second
from accounts.two_people.kinds import Overtaken
from accounts.two_people.proposing import propose
from subscriptions.access.asking import duration_in_log, said_of, super_admins_of
from subscriptions.access.boxes_waiting import extent_of, extent_values
from subscriptions.access.comparison import Desired, Key, box_id
from subscriptions.access.desired import Preview, preview_reseller_access, save_approved_access
from subscriptions.access.durations import DURATIONS, fits_into
from subscriptions.access.extent import Extent, off_where_over
from subscriptions.access.levels import OPENS, contains
from subscriptions.access.requests import relation_of, status_at, subscriptions_asked_for, takes_requests
from subscriptions.access.standing import is_on_request
from subscriptions.models import AccessGrant, AccessPolicy, AccessRequest
from subscriptions.models.request import RequestMail, RequestStatus
from subscriptions.models.standing import Standing


@dataclass(frozen=True, slots=True)
class Answer:
    """What a super admin chose to give.

    extent: as asked or narrower, with its duration. subscriptions: ids of some of those that were asked for.
    seen: what was open when the page was made, as seen_in() tells it (R6).
    """

    extent: Extent
    subscriptions: frozenset[int]
    seen: str


@transaction.atomic
def approve(*, actor: Actor, customer: Customer, request_id: int, answer: Answer) -> AccessRequest | Proposal:
    """Approve a request: what was chosen is saved like the boxes of *Reseller access*; the person who asked is told.

    Its duration counts from when the change is due (R16). A second click of the same person changes nothing. Where the
    answer needs two people, it waits for another super admin and the request stays open: returns that (R21).

    Raises Refused where the request is open no more, where more is given than was asked for, and where another person
    changed this access meanwhile; AccessRefused where a rule of the page refuses it; PermissionDenied for anybody but
    a super admin (R5); ProofNeeded where their last proof is too old (P13).
    """
    request = _begin(actor, customer, request_id)
    if _is_done(request, RequestStatus.APPROVED, actor):
        return request
    _require_open(request)
    require_fresh_proof(actor)
    demands_two = needs_second(actor, customer, Demand.ACCESS)
    if demands_two and preview_answer(actor=actor, request=request, answer=answer).waiting:
        said = {"request": request.pk, "answer": answer_values(answer)}
        name, kind = request.reseller.name, ProposalKind.ANSWER
        return propose(actor=actor, customer=customer, kind=kind, subject=name, said=said)
    return _approve(request, actor, answer)


@transaction.atomic
def approve_as_two(*, actor: Actor, customer: Customer, request_id: int, answer: Answer) -> AccessRequest:
    """Approve a request as two people decided (R21); otherwise like approve()."""
    return _approve(_begin(actor, customer, request_id), actor, answer)


def _approve(request: AccessRequest, actor: Actor, answer: Answer) -> AccessRequest:
    now = _require_open(request)
    saved = save_approved_access(
        actor=actor, customer=request.customer, desired=_desired(request, answer), agreed=[request.reseller_id]
    )
    if saved.conflicts:
        raise _changed_meanwhile()
    extent = answer.extent
    request.given_level, request.given_lasts, request.given_standing = extent.level, extent.lasts, extent.standing
    _settle(request, RequestStatus.APPROVED, actor, now, "given_level", "given_lasts", "given_standing")
    request.changes.set(saved.changes)
    given = list(subscriptions_asked_for(request).filter(pk__in=answer.subscriptions))
    request.given_subscriptions.set(given)
    names = [subscription.sku.name for subscription in given]
    new: dict[str, object] = {"level": request.given_level, "lasts": duration_in_log(request.given_lasts)}
    new |= {"standing_access": extent.standing} if is_on_request(extent.standing) else {}
    new |= {"subscriptions": names} if names else {}
    _record(EventName.APPROVE_ACCESS_REQUEST, request, actor, old=said_of(request), new=new)
    _tell_asker(request)
    return request


def preview_answer(*, actor: Actor, request: AccessRequest, answer: Answer, approved: bool = False) -> Preview:
    """Tell what approving would change; reads only. Raises as approve(), which asks again. approved: by two people."""
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, request.customer)
    _require_open(request)
    return preview_reseller_access(
        actor=actor,
        customer=request.customer,
        desired=_desired(request, answer),
        agreed=[request.reseller_id],
        approved=approved,
    )


@transaction.atomic
def reject(*, actor: Actor, customer: Customer, request_id: int, reason: str) -> AccessRequest:
    """Reject a request; the person who asked is told why. A second click of the same person changes nothing.

    Raises Refused without a reason, and where the request is open no more; PermissionDenied as approve().
    """
    request = _begin(actor, customer, request_id)
    if _is_done(request, RequestStatus.REJECTED, actor):
        return request
    now = _require_open(request)
    request.answer = clean_text(reason, "reason")
    _settle(request, RequestStatus.REJECTED, actor, now, "answer")
    new = said_of(request) | {"reason": request.answer}
    _record(EventName.REJECT_ACCESS_REQUEST, request, actor, new=new)
    _tell_asker(request)
    return request


@transaction.atomic
def hand_on(*, actor: Actor, customer: Customer, request_id: int, person_id: int) -> AccessRequest:
    """Pass a request on to another super admin, who gets a mail. It stays open, and each of them may answer it.

    Raises Refused where the request is open no more, and for a person who cannot answer it.
    """
    request = _begin(actor, customer, request_id)
    now = _require_open(request)
    person = next((p for p in others_who_answer(customer, actor.user) if p.pk == person_id), None)
    if person is None:
        raise Refused(_("Choose another super admin of your organisation."), "person", reason="notFound")
    if request.handed_to_id == person.pk:
        return request
    before = request.handed_to.email if request.handed_to else None
    request.handed_to, request.handed_at = person, now
    request.save(update_fields=["handed_to", "handed_at"])
    values = {"old": {"handed_to": before}, "new": {"handed_to": person.email}}
    # It goes on being asked, now of this person.
    _record(EventName.REQUEST_RESELLER_ACCESS, request, actor, **values)
    post.queue(RequestMail.HANDED_ON, [person], about_id=request.pk)
    return request


@transaction.atomic
def switch_requests(*, actor: Actor, customer: Customer, on: bool) -> bool:
    """Let resellers ask for access, or not any more; returns False where that was so already.

    What waits for an answer can still be answered.
    """
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    if takes_requests(customer) == on:
        return False
    AccessPolicy.objects.update_or_create(customer=customer, defaults={"takes_requests": on})
    old, new = {"takes_requests": not on}, {"takes_requests": on}
    record_audit(EventName.CHANGE_ACCESS_POLICY, actor=actor, customer=customer, old=old, new=new)
    return True


def others_who_answer(customer: Customer, person: User) -> list[User]:
    """Return the super admins to whom this one can hand a request on."""
    return [admin for admin in super_admins_of(customer) if admin.pk != person.pk]


def answer_values(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain values."""
    chosen = sorted(answer.subscriptions)
    return {"extent": extent_values(answer.extent), "subscriptions": chosen, "seen": answer.seen}


def answer_of(values: dict[str, Any]) -> Answer:
    """Return what answer_values() wrote down."""
    return Answer(extent_of(values["extent"]), frozenset(values["subscriptions"]), values["seen"])


def seen_in(request: AccessRequest) -> str:
    """Return what is decided about this reseller now, as a form sends it back: "12:3 12-45:0" (R6)."""
    return " ".join(f"{box_id(key)}:{generation}" for key, generation in sorted(_generations(request).items(), key=str))


def _generations(request: AccessRequest) -> dict[Key, int]:
    """Return the generation of the console, and of what was asked for beside it; 0 where there is none yet."""
    grants = list(AccessGrant.objects.filter(customer=request.customer_id, reseller=request.reseller_id, ended_at=None))
    was_allowed = any(grant.allowed for grant in grants if grant.subscription_id is None)
    off_where_over(grants, database_now())
    found = {grant.subscription_id: grant.generation for grant in grants}
    if was_allowed and not any(grant.allowed for grant in grants if grant.subscription_id is None):
        # R4, R16: what was opened in it ends together with the console, as the next save writes down.
        found |= {grant.subscription_id: grant.generation + 1 for grant in grants if grant.allowed}
    asked = [None, *(subscription.pk for subscription in subscriptions_asked_for(request))]
    return {(request.reseller_id, pk): found.get(pk, 0) for pk in asked}


def _desired(request: AccessRequest, answer: Answer) -> list[Desired]:
    """Return the boxes as an approval leaves them. Raises Refused for what goes beyond the request."""
    if answer.extent.level not in OPENS or not contains(request.level, answer.extent.level):
        raise Refused(_("This is more than was asked for. Choose this level or a narrower one."), "level")
    if answer.extent.standing not in Standing.values:
        raise Refused(_("Choose when the console is open."), "standing")
    lasts = answer.extent.lasts
    if answer.extent.ends_at is not None or lasts not in (None, *DURATIONS) or not fits_into(lasts, request.lasts):
        raise Refused(_("This is longer than was asked for. Choose this duration or a shorter one."), "lasts")
    generations = _generations(request)
    reseller = request.reseller_id
    if not answer.subscriptions <= {pk for _reseller, pk in generations if pk}:
        raise Refused(_("This subscription was not asked for, or it has ended."), "subscriptions")
    if answer.seen != seen_in(request):
        raise _changed_meanwhile()
    console = Desired(reseller, None, True, generations[reseller, None], answer.extent)
    chosen = sorted(answer.subscriptions)
    return [console, *(Desired(reseller, pk, True, generations[reseller, pk]) for pk in chosen)]


def _changed_meanwhile() -> Overtaken:
    return Overtaken(
        _("Another person changed this access while you had the page open. Look at what is open now, then approve.")
    )


def _begin(actor: Actor, customer: Customer, request_id: int) -> AccessRequest:
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    requests = AccessRequest.objects.select_for_update(of=("self",), no_key=True)
    request = requests.select_related("reseller", "asked_by", "handed_to").filter(customer=customer, pk=request_id)
    if (found := request.first()) is None:
        raise Refused(_("This request does not exist."), reason="notFound")
    return found


def _is_done(request: AccessRequest, status: RequestStatus, actor: Actor) -> bool:
    """Tell whether this person has given this answer already: two clicks are one."""
    return request.status == status and request.answered_by_id == actor.user.pk


def _require_open(request: AccessRequest) -> datetime:
    """Return the database's clock. Raises Refused for a request that cannot be answered any more."""
    now = database_now()
    if relation_of(request) is None:
        raise Refused(
            _("This reseller does not work for you any more, so its request is over."), reason="conditionNotMet"
        )
    status = status_at(request, now)
    if status is not RequestStatus.PENDING:
        answers = {
            RequestStatus.APPROVED: _("This request has been approved already, by %(person)s."),
            RequestStatus.REJECTED: _("This request has been rejected already, by %(person)s."),
            RequestStatus.WITHDRAWN: _("The reseller has withdrawn this request. Nothing was changed."),
            RequestStatus.EXPIRED: _("This request has expired. The reseller can ask again."),
        }
        raise Refused(answers[status] % {"person": request.answered_by_email}, reason="conditionNotMet")
    return now


def _settle(request: AccessRequest, status: RequestStatus, actor: Actor, now: datetime, *fields: str) -> None:
    request.status, request.answered_at = status, now
    request.answered_by, request.answered_by_email = actor.user, actor.user.email
    request.save(update_fields=["status", "answered_at", "answered_by", "answered_by_email", *fields])


def _tell_asker(request: AccessRequest) -> None:
    if request.asked_by is not None:
        post.queue(RequestMail.ANSWERED, [request.asked_by], about_id=request.pk)


def _record(name: EventName, request: AccessRequest, actor: Actor, **values: object) -> None:
    about = {"subject": request.reseller.name, "target": request, "about_id": request.pk}
    record_audit(name, actor=actor, customer=request.customer_id, **about, **values)
