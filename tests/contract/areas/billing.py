from __future__ import annotations

from accounts.models.audit_event import ActorKind
from subscriptions.billing import Details, add_payment_account
from subscriptions.models import Order
from subscriptions.models.order import OrderKind, PaymentKind
from tests.contract.areas.area import Area
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import VOICE, Tenant, World, sell
from tests.factories import make_reseller

TABLE = """
                                           Acme     Resale1 inside closed halted vendor Globex  Resale2 twin-in nobody
                                           smsuha-x aiatus- aiatx  aa     aa     os     smsuha- aiatus- aa      -

# Billing: never for resellers (R14)
GET  billing                               ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  billing_export                        ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
""".partition("\n\n")[2]


def furnish(tenant: Tenant) -> None:
    details = Details(PaymentKind.BANK, tenant.customer.name, "Bank of Examples", "1234")
    add_payment_account(actor=None, customer=tenant.customer, details=details)


def more_history(world: World) -> None:
    """Lines of subscriptions of several sellers, and more ways to pay."""
    customer = world.acme.customer
    sold = [sell(customer, make_reseller(f"Another {number}"), VOICE) for number in range(5)]
    Order.objects.bulk_create(
        Order(
            subscription=sold[number % 5],
            reseller=sold[number % 5].reseller,
            kind=OrderKind.SEATS_CHANGED,
            actor_kind=ActorKind.SYSTEM,
            old_value={"seats": number},
            new_value={"seats": number + 1},
            seats=number + 1,
        )
        for number in range(MANY)
    )
    for number in range(5):
        details = Details(PaymentKind.BANK, customer.name, "Bank of Examples", f"100{number}")
        add_payment_account(actor=None, customer=customer, details=details)


AREA = Area(
    table=TABLE,
    furnish=furnish,
    lists=(List("billing", ADMIN, more_history), List("billing_export", ADMIN, more_history)),
    scope_tests={"subscriptions.PaymentAccount": ("tests/web/console/test_billing.py", "stranger")},
    verb_modules=("subscriptions.billing",),
    no_verbs={
        "subscriptions.billing.expiry_of": "a question",
        "subscriptions.billing.masked": "words",
        "subscriptions.billing.payment_accounts_of": "a query set",
        "subscriptions.billing.subscriptions_of": "a query set",
    },
)
