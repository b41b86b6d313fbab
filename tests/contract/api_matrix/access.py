"""The API of access itself: read and taken away by the customer, asked for by its resellers (R5, R17, X1)."""

from __future__ import annotations

from dataclasses import replace

from django.db.models.functions import Now

from subscriptions.models import AccessRequest
from subscriptions.models.request import RequestStatus
from tests.contract.api_matrix.asks import Ask, ask
from tests.contract.world import STORAGE, Tenant

_CUSTOMER = {"customer": "{customer}"}


def nothing_waits(tenant: Tenant) -> None:
    """A reseller asks for one thing at a time."""
    AccessRequest.objects.filter(customer=tenant.customer).update(status=RequestStatus.WITHDRAWN, answered_at=Now())


ASKS: dict[str, Ask] = {
    "resellerAccess.access.explain": ask(**_CUSTOMER, person="{email}", permission="view_users"),
    "resellerAccess.activations.list": ask(**_CUSTOMER),
    "resellerAccess.activations.get": ask(**_CUSTOMER, id="{activation}"),
    "resellerAccess.activations.end": ask(**_CUSTOMER, id="{activation}"),
    "resellerAccess.changes.list": ask(**_CUSTOMER),
    "resellerAccess.changes.get": ask(**_CUSTOMER, id="{change}"),
    "resellerAccess.grants.list": ask(**_CUSTOMER),
    "resellerAccess.grants.get": ask(**_CUSTOMER, id="{grant}"),
    "resellerAccess.grants.narrow": ask({"level": "VIEW"}, **_CUSTOMER, id="{grant}"),
    "resellerAccess.grants.remove": ask(**_CUSTOMER, id="{grant}"),
    "resellerAccess.proposals.create": ask({"requestId": "{request}"}, **_CUSTOMER),
    "resellerAccess.proposals.get": ask(**_CUSTOMER, id="{proposal}"),
    "resellerAccess.proposals.list": ask(**_CUSTOMER),
    "resellerAccess.requests.create": replace(
        ask({"level": "FULL", "skus": [STORAGE], "reason": "Much to do."}, **_CUSTOMER), before=nothing_waits
    ),
    "resellerAccess.requests.get": ask(**_CUSTOMER, id="{request}"),
    "resellerAccess.requests.list": ask(**_CUSTOMER),
    "resellerAccess.requests.reject": ask({"reason": "Not now."}, **_CUSTOMER, id="{request}"),
    "resellerAccess.requests.withdraw": ask(**_CUSTOMER, id="{request}"),
    "resellerAccess.reviews.get": ask(**_CUSTOMER, id="{review}"),
    "resellerAccess.reviews.list": ask(**_CUSTOMER),
    "resellerAccess.visits.end": ask(**_CUSTOMER, id="{visit}"),
    "resellerAccess.visits.get": ask(**_CUSTOMER, id="{visit}"),
    "resellerAccess.visits.list": ask(**_CUSTOMER),
}
TABLE = """
resellerAccess.access.explain     ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.activations.list   ODDDDODU OOOOAAAU OOOOOO OAUAO AA AA DDD OOD UU
resellerAccess.activations.get    ODDDDODU OAAAAAAU AAAAAA AAUAA AA AA DDD OOD UU
resellerAccess.activations.end    ODDDDDDU OAAAAAAU AAAAAA AAUAA AA AA DDD DDD UU
resellerAccess.changes.list       ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.changes.get        ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.grants.list        ODDDDODU OOOOAAAU OOOOOO OAUAO AA AA DDD OOD UU
resellerAccess.grants.get         ODDDDODU OOOOAAAU AAAAAA AAUAO AA AA DDD OOD UU
resellerAccess.grants.narrow      ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
resellerAccess.grants.remove      ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
resellerAccess.proposals.create   ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
resellerAccess.proposals.get      ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.proposals.list     ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.requests.create    DDDDDDDU ODOOAAAU OOOOOO OAUAO AA AA DDD DDD UU
resellerAccess.requests.get       ODDDDODU OOOOAAAU AAAAAA AAUAO AA AA DDD OOD UU
resellerAccess.requests.list      ODDDDODU OOOOAAAU OOOOOO OAUAO AA AA DDD OOD UU
resellerAccess.requests.reject    ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
resellerAccess.requests.withdraw  DDDDDDDU ODOOAAAU AAAAAA AAUAO AA AA DDD DDD UU
resellerAccess.reviews.get        ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.reviews.list       ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.visits.end         ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
resellerAccess.visits.get         ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
resellerAccess.visits.list        ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
"""
