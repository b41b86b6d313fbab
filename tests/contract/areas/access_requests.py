"""Requests for access (R17): a reseller asks, the customer answers."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Model
from django.db.models.functions import Now

from accounts.models import AuditEvent, Mail
from subscriptions.access.answering import seen_in
from subscriptions.models import AccessChange, AccessPolicy, AccessRequest, Sku
from subscriptions.models.level import Level
from subscriptions.models.request import RequestStatus
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import VOICE, Tenant, World

TABLE = """
GET  access_requests                       ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST access_requests_policy                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  access_request                        ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST access_request                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_ask                          AAAAAAAL ODOOADD ODOOL  OO     DD     AA     AAAAAAA ADAAADD AA      L
POST reseller_ask                          AAAAAAAL ODOOADD ODOOL  OO     DD     AA     AAAAAAA ADAAADD AA      L
GET  reseller_requests                     AAAAAAAL OOOOADD OOOOL  OO     DD     AA     AAAAAAA AAAAADD AA      L
POST reseller_request_withdraw             AAAAAAAL ODOOADD ODOOL  NN     DD     AA     AAAAAAA ADAAADD AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A request that waits, for the directory and for what the customer bought from the vendor."""
    tenant.rows["access request"] = request = make_request(tenant)
    request.skus.set(Sku.objects.filter(pk=VOICE))
    tenant.arguments["<int:request_id>"] = {"request_id": request.pk}


def make_request(tenant: Tenant, status: str = RequestStatus.PENDING, number: int = 0) -> AccessRequest:
    is_pending = status == RequestStatus.PENDING
    return AccessRequest.objects.create(
        customer=tenant.customer,
        reseller=tenant.reseller,
        asked_by=tenant.staff["agent"],
        asked_by_email=tenant.staff["agent"].email,
        level=Level.DIRECTORY,
        lasts=timedelta(days=7),
        reason=f"{tenant.reseller.name} {number} {tenant.customer.name}",
        asked_at=Now() - timedelta(days=2),
        expires_at="2100-01-01T00:00Z",
        status=status,
        answered_at=None if is_pending else Now(),
        answer="" if is_pending else f"{tenant.customer.name} {number}",
    )


def more_requests(world: World) -> None:
    for number in range(MANY):
        make_request(world.acme, RequestStatus.REJECTED, number).skus.set(Sku.objects.filter(pk=VOICE))


def asked(sender: Sender) -> Data:
    """Nothing waits when they ask."""
    AccessRequest.objects.filter(status=RequestStatus.PENDING).update(status=RequestStatus.WITHDRAWN, answered_at=Now())
    return {"level": Level.FULL, "lasts": "none", "skus": [VOICE], "reason": "Much to do"}


def withdrawn(sender: Sender) -> list[Model]:
    """What stands in the way of asking, and was taken out of it."""
    return list(AccessRequest.objects.all())


def approved(sender: Sender) -> Data:
    """The console for the directory only, and what is open already of what was bought from the vendor."""
    return {
        "verb": "approve",
        "level": Level.DIRECTORY,
        "standing": "all",
        "lasts": "168",
        "seen": seen_in(sender.world.acme.rows["access request"]),
        "confirmed": "on",
    }


def waiting(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["access request"]]


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "access_requests_policy": Post(adds=(AccessPolicy, AuditEvent)),
        "access_request": Post(
            approved,
            lambda sender: [*waiting(sender), sender.world.acme.grant()],
            (AccessChange, AccessRequest.changes.through, AuditEvent, Mail),
        ),
        "reseller_ask": Post(asked, withdrawn, adds=(AccessRequest, AccessRequest.skus.through, AuditEvent, Mail)),
        "reseller_request_withdraw": Post(changes=waiting, adds=(AuditEvent,)),
    },
    lists=(
        List("access_requests", ADMIN, more_requests),
        List("reseller_requests", RESELLER_ADMIN, more_requests),
    ),
    one_object={
        "access_request": "one request",
        "reseller_ask": "the catalogue, which does not grow with what a reseller has",
    },
    unlinked={"reseller_ask": "offered where no request waits, and here one does"},
    queries_in_views={"web/reseller/forms.py: Sku": "the vendor's catalogue, the same for everybody"},
    scope_tests={
        "subscriptions.AccessPolicy": ("tests/access/test_asking.py", "test_R17_a_customer_can_switch_requests_off"),
        "subscriptions.AccessRequest": ("tests/access/test_asking.py", "test_R17_a_stranger"),
    },
    verb_modules=("subscriptions.access.asking", "subscriptions.access.answering"),
    no_verbs={
        "subscriptions.access.answering.answer_of": "reads what was written down",
        "subscriptions.access.answering.answer_values": "plain values",
        "subscriptions.access.answering.others_who_answer": "a question",
        "subscriptions.access.answering.seen_in": "a question",
        "subscriptions.access.asking.duration_in_log": "words",
        "subscriptions.access.asking.said_of": "words",
        "subscriptions.access.asking.settle_expired": "part of a verb: it writes down what the clock has decided",
        "subscriptions.access.asking.super_admins_of": "a question",
    },
)
