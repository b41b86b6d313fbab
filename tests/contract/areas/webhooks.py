"""Webhooks (X6): by super admins and reseller admins, never from outside."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Model

from accounts.actor import Actor
from accounts.event_families import Family
from accounts.models import AuditEvent, Kept, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.models.webhooks import Outcome
from accounts.webhooks.asking import send_test
from accounts.webhooks.endpoints import add_webhook, pause_webhook
from accounts.webhooks.rules import endpoints_of
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World

TABLE = """
GET  webhooks                              ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  webhook_new                           ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_new                           ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  webhook_secret                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  webhook_endpoint                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  webhook_message                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_rotate                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_test                          ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_replay                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_pause                         ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_resume                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST webhook_remove                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_webhooks                     AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_webhook_new                  AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_webhook_new                  AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_webhook_secret               AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_webhook_endpoint             AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_webhook_message              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_webhook_rotate               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_webhook_test                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_webhook_replay               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_webhook_pause                AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_webhook_resume               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_webhook_remove               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""
_OF_ONE = ("webhook_endpoint", "webhook_rotate", "webhook_test", "webhook_pause", "webhook_resume", "webhook_remove")
Changed = Callable[[Sender], list[Model]]
# Nothing listens there.
URL = "http://127.0.0.1:1/hooks"


def furnish(tenant: Tenant) -> None:
    """A webhook of the customer and one of the reseller, each with a message that was sent."""
    for owner, prefix, who in (
        (tenant.customer, "", tenant.people["super admin"]),
        (tenant.reseller, "reseller_", tenant.staff["admin"]),
    ):
        actor = Actor(user=who)
        add_webhook(actor=actor, organisation=owner, name="Ticketing", url=URL, families=[Family.SUPPORT])
        endpoint = endpoints_of(owner).get()
        add_webhook(actor=actor, organisation=owner, name="Archive", url=URL, families=[Family.SUPPORT])
        paused = endpoints_of(owner).get(name="Archive")
        pause_webhook(actor=actor, endpoint=paused)
        tenant.rows[f"{prefix}webhook paused"] = paused
        delivery = send_test(actor=actor, endpoint=endpoint)
        delivery.outcome, delivery.settled_at = Outcome.DELIVERED, endpoint.made_at
        delivery.save(update_fields=["outcome", "settled_at"])
        WebhookAttempt.objects.create(delivery=delivery, began_at=endpoint.made_at, status=204, took=40)
        tenant.rows[f"{prefix}webhook"], tenant.rows[f"{prefix}webhook message"] = endpoint, delivery
        for page in _OF_ONE:
            tenant.arguments[f"{prefix}{page}"] = {"endpoint_id": endpoint.pk}
        tenant.arguments[f"{prefix}webhook_resume"] = {"endpoint_id": paused.pk}
        for page in ("webhook_message", "webhook_replay"):
            tenant.arguments[f"{prefix}{page}"] = {"endpoint_id": endpoint.pk, "delivery_id": delivery.pk}


def new(_sender: Sender) -> Data:
    return {"name": "Monitoring", "url": "http://127.0.0.1:2/", "families": ["access"]}


def customers_webhook(sender: Sender) -> list[Model]:
    return [WebhookEndpoint.objects.get(pk=sender.world.acme.rows["webhook"].pk)]


def resellers_webhook(sender: Sender) -> list[Model]:
    return [WebhookEndpoint.objects.get(pk=sender.world.acme.rows["reseller_webhook"].pk)]


def customers_message(sender: Sender) -> list[Model]:
    return [WebhookDelivery.objects.get(pk=sender.world.acme.rows["webhook message"].pk)]


def resellers_message(sender: Sender) -> list[Model]:
    return [WebhookDelivery.objects.get(pk=sender.world.acme.rows["reseller_webhook message"].pk)]


def customers_paused(sender: Sender) -> list[Model]:
    return [WebhookEndpoint.objects.get(pk=sender.world.acme.rows["webhook paused"].pk)]


def resellers_paused(sender: Sender) -> list[Model]:
    return [WebhookEndpoint.objects.get(pk=sender.world.acme.rows["reseller_webhook paused"].pk)]


def more_webhooks(world: World) -> None:
    for owner in (world.acme.customer, world.acme.reseller):
        first = endpoints_of(owner).get(name="Ticketing")
        WebhookEndpoint.objects.bulk_create(
            WebhookEndpoint(
                customer=first.customer,
                reseller=first.reseller,
                name=f"Webhook {number}",
                url=first.url,
                families=first.families,
                secret=first.secret,
                made_by=first.made_by,
            )
            for number in range(MANY)
        )


def more_messages(world: World) -> None:
    for owner in (world.acme.customer, world.acme.reseller):
        for endpoint in endpoints_of(owner):
            WebhookDelivery.objects.bulk_create(
                WebhookDelivery(endpoint=endpoint, kind="test", type="webhook.test", attempts=number % 3)
                for number in range(MANY)
            )


def more_tries(world: World) -> None:
    WebhookAttempt.objects.bulk_create(
        WebhookAttempt(delivery=delivery, began_at=delivery.queued_at, status=500, took=number, answer="out of memory")
        for delivery in WebhookDelivery.objects.all()
        for number in range(MANY)
    )


def _posts(prefix: str, endpoint: Changed, message: Changed, paused: Changed) -> dict[str, Post]:
    told = (AuditEvent,)
    return {
        f"{prefix}webhook_new": Post(new, adds=(WebhookEndpoint, Kept, *told)),
        f"{prefix}webhook_rotate": Post(changes=endpoint, adds=(Kept, *told)),
        f"{prefix}webhook_test": Post(adds=(WebhookDelivery, AuditEvent)),
        f"{prefix}webhook_replay": Post(changes=message, adds=(AuditEvent,)),
        f"{prefix}webhook_pause": Post(changes=endpoint, adds=told),
        f"{prefix}webhook_resume": Post(changes=paused, adds=told),
        f"{prefix}webhook_remove": Post(changes=endpoint, adds=told),
    }


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        **_posts("", customers_webhook, customers_message, customers_paused),
        **_posts("reseller_", resellers_webhook, resellers_message, resellers_paused),
    },
    lists=(
        List("webhooks", ADMIN, more_webhooks),
        List("webhook_endpoint", ADMIN, more_messages),
        List("webhook_message", ADMIN, more_tries),
        List("reseller_webhook_message", RESELLER_ADMIN, more_tries),
        List("reseller_webhooks", RESELLER_ADMIN, more_webhooks),
        List("reseller_webhook_endpoint", RESELLER_ADMIN, more_messages),
    ),
    one_object={
        f"{prefix}{page}": why
        for prefix in ("", "reseller_")
        for page, why in {"webhook_new": "an empty form", "webhook_secret": "a secret that is shown once"}.items()
    },
    unlinked={
        "webhook_secret": "where the form leads, once",
        "reseller_webhook_secret": "where the form leads, once",
    },
    scope_tests={
        "accounts.WebhookEndpoint": ("tests/web/test_webhook_pages.py", "test_X6_a_stranger_s_webhook_is_no_page"),
        "accounts.WebhookAttempt": ("tests/web/test_webhook_pages.py", "test_X6_a_stranger_s_message_is_no_page"),
        "accounts.WebhookDelivery": ("tests/web/test_webhook_pages.py", "test_X6_a_stranger_s_message_is_no_page"),
    },
    verb_modules=("accounts.webhooks.endpoints", "accounts.webhooks.asking"),
    no_verbs={"accounts.webhooks.endpoints.pause_all_webhooks": "part of the verb that restores a backup"},
)
