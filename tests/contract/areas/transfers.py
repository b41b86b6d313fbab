from __future__ import annotations

from typing import Any

from django.db.models.functions import Now
from django.utils.crypto import get_random_string

from accounts.actor import Actor
from accounts.models import AuditEvent, Kept, Reseller
from subscriptions.models import Order, Transfer, TransferToken
from subscriptions.transfer_scope import find_token
from subscriptions.transfers import generate_transfer_token
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World
from tests.factories import make_customer

STORAGE_PRODUCT = "101043"  # of what Acme bought and opened to nobody

TABLE = """
                                           Acme     Resale1 inside closed halted vendor Globex  Resale2 twin-in nobody
                                           smsuha-x aiatus- aiatx  aa     aa     os     smsuha- aiatus- aa      -

# Transfers: a token by a super admin, never by a reseller (R14); taken over with it by the reseller it names.
# The others there only look, each at a token of its own.
GET  transfer                              ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST transfer                              ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  transfer_token                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  transfer_revoke                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST transfer_revoke                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_transfers                    AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_transfers                    AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA NDDDDDD ND      L
""".partition("\n\n")[2]


def furnish(tenant: Tenant) -> None:
    """A token that waits, and one with which the reseller took something over before."""
    actor = Actor(tenant.people["super admin"])
    code = generate_transfer_token(actor=actor, customer=tenant.customer, reseller=tenant.reseller)
    assert isinstance(code, str)
    token = find_token(tenant.reseller, tenant.domain, code)
    assert token is not None
    tenant.rows |= {"transfer code": code, "transfer token": token}
    tenant.arguments["<int:token_id>"] = {"token_id": token.pk}
    used(tenant)


def used(tenant: Tenant) -> None:
    token = new_token(tenant, used_at=Now())
    token.save()
    Transfer.objects.create(customer=token.customer, product_id="101001", to_reseller=tenant.reseller, token=token)


def new_token(tenant: Tenant, **values: Any) -> TransferToken:
    return TransferToken(
        **{"customer": tenant.customer} | values,
        reseller=tenant.reseller,
        digest=get_random_string(64),
        made_by=tenant.people["super admin"],
        expires_at="2100-01-01T00:00Z",
    )


def more_tokens(world: World) -> None:
    TransferToken.objects.bulk_create(new_token(world.acme) for _ in range(MANY))


def more_transfers(world: World) -> None:
    """Of as many customers, each with two products."""
    acme = world.acme
    tokens = [new_token(acme, customer=make_customer(f"Moved {number}"), used_at=Now()) for number in range(MANY)]
    Transfer.objects.bulk_create(
        Transfer(customer=token.customer, product_id=product, to_reseller=acme.reseller, token=token)
        for token in TransferToken.objects.bulk_create(tokens)
        for product in ("101001", "101005")
    )


def taken_over(sender: Sender) -> Data:
    """Resale One takes the storage over that Acme bought from the vendor; whoever else has a token looks at it."""
    acme, me = sender.world.acme, sender.me
    others = Reseller.objects.filter(suspended_at=None).exclude(pk=acme.reseller.pk)
    other = others.filter(people=me).first() if me else None
    if other is None:
        code = acme.rows["transfer code"]
        return {
            "domain": acme.domain,
            "token": code,
            "step": "transfer",
            "products": STORAGE_PRODUCT,
            "seen": acme.unopened.pk,
        }
    actor = Actor(acme.people["super admin"])
    code = generate_transfer_token(actor=actor, customer=acme.customer, reseller=other)
    return {"domain": acme.domain, "token": code, "step": "look_up"}


AREA = Area(
    table=TABLE,
    posts={
        "transfer": Post(
            lambda sender: {"reseller": sender.world.acme.reseller.public_id, "step": "generate"},
            adds=(TransferToken, AuditEvent, Kept),
        ),
        "transfer_revoke": Post(changes=lambda sender: [sender.world.acme.rows["transfer token"]], adds=(AuditEvent,)),
        "reseller_transfers": Post(
            taken_over,
            lambda sender: [sender.world.acme.rows["transfer token"], sender.world.acme.unopened],
            (Transfer, Order, AuditEvent),
        ),
    },
    furnish=furnish,
    lists=(List("transfer", ADMIN, more_tokens), List("reseller_transfers", RESELLER_ADMIN, more_transfers)),
    one_object={"transfer_revoke": "GET leads back to transfer", "transfer_token": "one token"},
    unlinked={
        "transfer_revoke": "a form; GET leads back to the page",
        "transfer_token": "sent there by the form",
    },
    scope_tests={
        "subscriptions.Transfer": ("tests/subscriptions/test_transfers.py", "never_says_from_whom"),
        "subscriptions.TransferToken": ("tests/web/test_transfer_pages.py", "stranger"),
    },
    verb_modules=("subscriptions.transfers",),
    no_verbs={
        "subscriptions.transfers.barred_text": "words",
        "subscriptions.transfers.movable": "a question, which the verb and its preview ask",
        "subscriptions.transfers.revoke_waiting_tokens": "part of the verb after a restore, by the system itself",
        "subscriptions.transfers.seats_name": "words",
        "subscriptions.transfers.waiting_tokens": "a query set",
        "subscriptions.access.relation.console_would_open": "a question",
    },
)
