"""A reseller asks a customer for access, and takes that back (R17). The answer is answering.py."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.duration import duration_iso_string
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_reseller, person_now
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.mail import post
from accounts.models import Customer, User
from accounts.names import clean_text, isolated
from accounts.roles import SALES_ROLES, Role
from subscriptions.access.durations import DURATIONS, fits_into
from subscriptions.access.effective import AccessState
from subscriptions.access.extent import Extent
from subscriptions.access.levels import contains
from subscriptions.access.relation_status import access_of
from subscriptions.access.requests import status_at, takes_requests
from subscriptions.access.scope import asking_relations_of
from subscriptions.models import AccessGrant, AccessRequest, Sku
from subscriptions.models.level import Level
from subscriptions.models.request import RequestMail, RequestStatus

# R17: how long a request waits for its answer, and how many there are within 24 hours.
LIFETIME: Final = timedelta(days=14)
A_DAY: Final = 5


@transaction.atomic
def ask(*, actor: Actor, customer: Customer, extent: Extent, skus: Collection[str] = (), reason: str) -> AccessRequest:
    """Ask for access; the customer's super admins are told by mail.

    extent: the level, and how long it lasts from when the approved access is due on. skus: by product, what the
    customer may have bought from the vendor (R3). The same request from the same person twice is one.

    Raises Refused where one waits for an answer, where five were made within a day, where the customer takes none,
    where the relation is over, and for what nobody can ask for; PermissionDenied for a person who may not ask.
    """
    customer = lock_customer(customer)
    relation = _relation(actor, customer)
    reason = clean_text(reason, "reason")
    now = database_now()
    settle_expired(relation, now)
    waiting = _of(relation).filter(status=RequestStatus.PENDING).first()
    if waiting is not None and _is_the_same(waiting, actor, extent, skus, reason):
        return waiting
    if waiting is not None:
        raise Refused(
            _("A request of your organisation waits for an answer. Withdraw it before you ask again."),
            reason="conditionNotMet",
        )
    _check_room(relation, customer, now)
    _check_wanted(relation, extent, skus, now)
    request = AccessRequest.objects.create(
        customer=customer,
        reseller=relation.reseller,
        asked_by=actor.user,
        asked_by_email=actor.user.email,
        level=extent.level,
        lasts=extent.lasts,
        reason=reason,
        asked_at=now,
        expires_at=now + LIFETIME,
    )
    request.skus.set(Sku.objects.filter(pk__in=skus))
    new = said_of(request) | {"reason": reason}
    _record(EventName.REQUEST_RESELLER_ACCESS, request, _marked(actor, relation), new=new)
    post.queue(RequestMail.ASKED, super_admins_of(customer), about_id=request.pk)
    return request


@transaction.atomic
def withdraw(*, actor: Actor, customer: Customer, request_id: int) -> AccessRequest:
    """Take a request back that has no answer yet; a second click changes nothing.

    Raises Refused where it was answered, or is over; PermissionDenied for a person who may not ask.
    """
    customer = lock_customer(customer)
    relation = _relation(actor, customer)
    request = _of(relation).select_for_update(of=("self",), no_key=True).filter(pk=request_id).first()
    if request is None:
        raise Refused(_("This request does not exist."), reason="notFound")
    if request.status == RequestStatus.WITHDRAWN:
        return request
    now = database_now()
    if status_at(request, now) is not RequestStatus.PENDING:
        raise Refused(_("This request is no longer open, so there is nothing to withdraw."), reason="conditionNotMet")
    request.status, request.answered_at = RequestStatus.WITHDRAWN, now
    request.save(update_fields=["status", "answered_at"])
    _record(EventName.WITHDRAW_ACCESS_REQUEST, request, _marked(actor, relation), new=said_of(request))
    return request


def super_admins_of(customer: Customer) -> list[User]:
    """Return who answers requests."""
    admins = User.objects.filter(customer=customer, is_active=True, role_assignments__role=Role.SUPER_ADMIN)
    return list(admins.order_by("pk"))


def said_of(request: AccessRequest) -> dict[str, object]:
    """Return what a request asks for, for the audit log."""
    said: dict[str, object] = {"level": request.level, "lasts": duration_in_log(request.lasts)}
    names = [sku.name for sku in request.skus.all()]
    return said | ({"subscriptions": sorted(names)} if names else {})


def duration_in_log(lasts: timedelta | None) -> str | None:
    """Return a duration for the audit log, which knows no language: ISO 8601."""
    return duration_iso_string(lasts) if lasts is not None else None


def settle_expired(relation: AccessGrant, now: datetime) -> None:
    """Write down what the clock has decided, so that there is room for a new request."""
    past = _of(relation).filter(status=RequestStatus.PENDING, expires_at__lte=now)
    past.update(status=RequestStatus.EXPIRED, answered_at=now)


def _is_the_same(waiting: AccessRequest, actor: Actor, extent: Extent, skus: Collection[str], reason: str) -> bool:
    """Tell whether this is the second click of the same person."""
    asked = (waiting.asked_by_id, waiting.level, waiting.lasts, waiting.reason)
    same = asked == (actor.user.pk, extent.level, extent.lasts, reason)
    return same and {sku.pk for sku in waiting.skus.all()} == set(skus)


def _check_room(relation: AccessGrant, customer: Customer, now: datetime) -> None:
    if not takes_requests(customer):
        text = _("%(customer)s takes no requests for access. Speak with its super admins.")
        raise Refused(text % {"customer": isolated(customer.name)}, reason="conditionNotMet")
    if _of(relation).filter(asked_at__gt=now - timedelta(days=1)).count() >= A_DAY:
        text = _("Your organisation has asked this customer %(number)s times within 24 hours. Ask again tomorrow.")
        raise Refused(text % {"number": A_DAY}, reason="conditionNotMet")


def _check_wanted(relation: AccessGrant, extent: Extent, skus: Collection[str], now: datetime) -> None:
    if extent.level not in Level.values:
        raise Refused(_("Choose one of the levels."), "level")
    if extent.ends_at is not None or (extent.lasts is not None and extent.lasts not in DURATIONS):
        raise Refused(_("Choose one of the durations."), "lasts")
    if skus and relation.is_support_only:
        raise Refused(_("You support this customer only. Subscriptions are for resellers that sold it one."), "skus")
    if Sku.objects.filter(pk__in=skus).count() != len(set(skus)):
        raise Refused(_("Choose products of the catalogue."), "skus")
    if not skus and _is_open(relation, extent, now):
        raise Refused(_("Your organisation has this access already."), "level", reason="conditionNotMet")


def _is_open(relation: AccessGrant, extent: Extent, now: datetime) -> bool:
    """Tell whether what is in force, which a reseller is told, goes as far as what it asks for (R5)."""
    access = access_of(relation)
    if access.state is not AccessState.OPEN or access.narrows_at or not contains(access.level, extent.level):
        return False
    return fits_into(extent.lasts, access.ends_at - now if access.ends_at else None)


def _marked(actor: Actor, relation: AccessGrant) -> Actor:
    """Return the person, marked as the customer's support partner where the reseller has sold nothing (A4)."""
    return actor.as_support_partner() if relation.is_support_only else actor


def _record(name: EventName, request: AccessRequest, actor: Actor, **values: object) -> None:
    about = {"subject": request.reseller.name, "target": request, "about_id": request.pk}
    record_audit(name, actor=actor, customer=request.customer_id, **about, **values)


def _of(relation: AccessGrant) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(customer=relation.customer_id, reseller=relation.reseller_id)


def _relation(actor: Actor, customer: Customer) -> AccessGrant:
    """Return the relation in which this person may ask, asked under the lock (P8, R13)."""
    authorise_reseller(actor, tuple(SALES_ROLES))
    relation = asking_relations_of(person_now(actor)).select_related("reseller").filter(customer=customer).first()
    if relation is None:
        raise Refused(_("You do not work for this customer any more."), reason="forbidden")
    return relation
