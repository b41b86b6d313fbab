"""What an access request is at this instant, and who may read it (R17).

Expiry needs no job to be true: a pending request is compared with the database's clock everywhere that it is read.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts.models import Customer, Reseller
from subscriptions.access.effective import in_force
from subscriptions.models import AccessGrant, AccessPolicy, AccessRequest, Subscription
from subscriptions.models.request import RequestStatus
from subscriptions.models.subscription import Status


def is_open() -> Q:
    """Return the condition that a request can still be answered."""
    return Q(status=RequestStatus.PENDING, expires_at__gt=Now())


def status_at(request: AccessRequest, now: datetime) -> RequestStatus:
    """Return the status as the clock has it; now: the database's clock."""
    is_over = request.status == RequestStatus.PENDING and request.expires_at <= now
    return RequestStatus.EXPIRED if is_over else RequestStatus(request.status)


def requests_to(customer: Customer) -> QuerySet[AccessRequest]:
    """Return every request to a customer, with its status as the clock has it (`status_now`)."""
    return _for_pages(AccessRequest.objects.filter(customer=customer))


def open_requests_to(customer: Customer) -> QuerySet[AccessRequest]:
    """Return what waits for this customer's answer."""
    return AccessRequest.objects.filter(is_open(), customer=customer).select_related("reseller").order_by("-id")


def requests_in(relation: AccessGrant) -> QuerySet[AccessRequest]:
    """Return the requests of a relation's reseller to its customer; the relation comes from an agent's scope."""
    return _for_pages(AccessRequest.objects.filter(customer=relation.customer_id, reseller=relation.reseller_id))


def _for_pages(requests: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    over = Q(status=RequestStatus.PENDING, expires_at__lte=Now())
    status_now = Case(When(over, Value(RequestStatus.EXPIRED)), default=F("status"), output_field=CharField())
    requests = requests.annotate(status_now=status_now)  # type: ignore[no-redef]
    found = requests.select_related("customer", "reseller", "handed_to")
    return found.prefetch_related("skus", "given_subscriptions__sku").order_by("-id")


def relation_of(request: AccessRequest) -> AccessGrant | None:
    """Return what a request is about: the console of its customer for its reseller; None where the relation is over."""
    consoles = AccessGrant.objects.filter(customer=request.customer_id, reseller=request.reseller_id)
    return consoles.filter(subscription=None, ended_at=None).first()


def end_requests(*, customer: Customer, reseller: Reseller, now: datetime) -> None:
    """Let what still waits for an answer be over: the relation has ended (R13, R17)."""
    waiting = AccessRequest.objects.filter(customer=customer, reseller=reseller, status=RequestStatus.PENDING)
    waiting.filter(expires_at__gt=now).update(expires_at=now)


def takes_requests(customer: Customer) -> bool:
    """Tell whether a customer lets its resellers ask."""
    return not AccessPolicy.objects.filter(customer=customer, takes_requests=False).exists()


def subscriptions_asked_for(request: AccessRequest) -> QuerySet[Subscription]:
    """Return what the customer bought from the vendor, still has, and was asked for by product (R3).

    `is_open_now`: whether the reseller sees it already.
    """
    bought = Subscription.objects.filter(customer=request.customer_id, reseller=None, sku__in=request.skus.all())
    grants = AccessGrant.objects.filter(in_force(), reseller=request.reseller_id, subscription=OuterRef("pk"))
    found = bought.exclude(status=Status.CANCELLED).annotate(is_open_now=Exists(grants))
    return found.select_related("sku").order_by("sku__name", "pk")
