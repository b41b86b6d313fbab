"""The life of subscriptions: what customers buy from the vendor, and what resellers sell them (B2, B3)."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import Address, AuditEvent, Customer, Domain, Mail, OrgUnit, RoleAssignment, User
from subscriptions.models import AccessChange, AccessGrant, Order, Subscription
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World
from tests.second_look import confirmation

SOLD = "Google-Vault"


ORDER = {"sku": SOLD, "plan": "FLEXIBLE", "seats": "5"}


def new_order(sender: Sender) -> Data:
    """One that is not there yet, confirmed as it was shown."""
    return confirmation(sender.client, reverse("subscription_buy", kwargs={"domain": sender.world.acme.domain}), ORDER)


def new_sale(sender: Sender) -> Data:
    return confirmation(sender.client, reverse("reseller_order", kwargs={"domain": sender.world.acme.domain}), ORDER)


def new_seats(name: str, subscription: Subscription, sender: Sender) -> Data:
    kwargs = {"domain": sender.world.acme.domain, "subscription_id": subscription.pk, "step": "seats"}
    return confirmation(sender.client, reverse(name, kwargs=kwargs), {"seats": "12"})


def new_customer(sender: Sender) -> Data:
    typed = {
        "name": "Initech",
        "primary_domain": "initech.example",
        "postal_address": "1 Main Street",
        "phone_number": "+1 555 0100",
        "admin_name": "Peter Gibbons",
        "admin_email": "peter@initech.example",
        **ORDER,
    }
    return confirmation(sender.client, reverse("reseller_customer_new"), typed)


def furnish(tenant: Tenant) -> None:
    """The steps are taken with the seats of what was bought, and of what was sold."""
    sold = {"subscription_id": tenant.sold.pk}
    tenant.arguments |= {
        "subscription_change": {"step": "seats"},
        "reseller_subscription": sold,
        "reseller_subscription_change": {**sold, "step": "seats"},
    }


def more_orders(world: World) -> None:
    for subscription in (world.acme.bought, world.acme.sold):
        Order.objects.bulk_create(
            Order(
                subscription=subscription,
                reseller=subscription.reseller,
                kind="seats_changed",
                actor_kind="system",
                old_value={"seats": number},
                new_value={"seats": number + 1},
                seats=number + 1,
            )
            for number in range(MANY)
        )


ORDERED = (Subscription, Order, AuditEvent)
CHANGED = (Order, AuditEvent)
FOUNDED = (Domain, Mail, Customer, OrgUnit, User, Address, RoleAssignment, AccessGrant, AccessChange, *ORDERED)
AREA = Area(
    table="""
# Subscriptions: bought from the vendor by the customer's super admins (B2), never by an agent inside (B3)
GET  subscription_buy                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST subscription_buy                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  subscription_change                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST subscription_change                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L

# Sold by a reseller: from its own pages, also while the console is closed to it (B3); an indirect admin looks (P4)
GET  reseller_subscription                 AAAAAAAL OOOOADD OOOOL  AA     DD     AA     AAAAAAA AAAAADD AA      L
GET  reseller_subscription_change          AAAAAAAL ODOOADD ODOOL  AA     DD     AA     AAAAAAA ADAAADD AA      L
POST reseller_subscription_change          AAAAAAAL ODOOADD ODOOL  AA     DD     AA     AAAAAAA ADAAADD AA      L
GET  reseller_order                        AAAAAAAL ODOOADD ODOOL  OO     DD     AA     AAAAAAA ADAAADD AA      L
POST reseller_order                        AAAAAAAL ODOOADD ODOOL  OO     DD     AA     AAAAAAA ADAAADD AA      L

# Customers as organisations: for those who add them (P4)
GET  reseller_customer_new                 AAAAAAAL OODDDDD OODDL  OD     DD     AA     AAAAAAA OODDDDD OD      L
POST reseller_customer_new                 AAAAAAAL OODDDDD OODDL  OD     DD     AA     AAAAAAA OODDDDD OD      L
GET  reseller_customer_edit                AAAAAAAL OODDDDD OODDL  OD     DD     AA     AAAAAAA AADDDDD AD      L
POST reseller_customer_invite              AAAAAAAL NNDDDDD NNDDL  ND     DD     AA     AAAAAAA AADDDDD AD      L
POST reseller_customer_edit                AAAAAAAL OODDDDD OODDL  OD     DD     AA     AAAAAAA AADDDDD AD      L
""",
    posts={
        "subscription_buy": Post(new_order, adds=ORDERED),
        "subscription_change": Post(
            lambda sender: new_seats("subscription_change", sender.world.acme.bought, sender),
            lambda sender: [sender.world.acme.bought],
            CHANGED,
        ),
        "reseller_subscription_change": Post(
            lambda sender: new_seats("reseller_subscription_change", sender.world.acme.sold, sender),
            lambda sender: [sender.world.acme.sold],
            CHANGED,
        ),
        "reseller_order": Post(new_sale, adds=ORDERED),
        "reseller_customer_new": Post(new_customer, adds=FOUNDED),
        # Acme has people who sign in: nobody is invited again (tests/subscriptions/test_invitations.py).
        "reseller_customer_invite": Post(),
        "reseller_customer_edit": Post(
            lambda sender: {"postal_address": "2 Side Street", "phone_number": "+1 555 0199"},
            lambda sender: [sender.world.acme.customer],
            (AuditEvent,),
        ),
    },
    furnish=furnish,
    lists=(
        List("subscription", ADMIN, more_orders, label="order history"),
        List("reseller_subscription", RESELLER_ADMIN, more_orders),
    ),
    one_object={
        "subscription_buy": "a form; the catalogue is the same for everybody",
        "subscription_change": "one subscription",
        "reseller_subscription_change": "one subscription",
        "reseller_order": "a form; the catalogue is the same for everybody",
        "reseller_customer_new": "a form",
        "reseller_customer_edit": "one customer",
    },
    scope_tests={
        "subscriptions.Order": ("tests/web/orders/test_sold_pages.py", "stranger"),
        "subscriptions.NotifiedAccount": ("tests/api/test_reseller_transfers.py", "foreign"),
    },
    verb_modules=(
        "accounts.founding",
        "subscriptions.lifecycle.amending",
        "subscriptions.lifecycle.customers",
        "subscriptions.lifecycle.ending",
        "subscriptions.lifecycle.ordering",
        "subscriptions.lifecycle.pausing",
        "subscriptions.lifecycle.registering",
        "subscriptions.lifecycle.upgrading",
    ),
    no_verbs={
        "subscriptions.lifecycle.customers.first_admin_waiting": "a question",
        "accounts.founding.clean_phone_number": "spelling",
        "accounts.founding.clean_postal_address": "spelling",
        "accounts.founding.may_add_customers": "a question",
        "accounts.founding.reseller_adding_customers": "a question; its only argument is the actor",
        "accounts.organisations.is_founder": "a question",
        "subscriptions.lifecycle.registering.lapses": "a sweep: the system's own doing",
        "subscriptions.lifecycle.upgrading.check_sku": "a question that raises what is wrong",
        "subscriptions.lifecycle.ordering.check_order": "a question that raises what is wrong",
        "subscriptions.lifecycle.ordering.ordered_just_now": "a question",
    },
)
