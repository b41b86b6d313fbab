"""What happens between organisations in the demo: agents enter consoles, a customer goes to another reseller, cards."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.console_sessions import entering
from accounts.console_sessions.browser_sessions import SessionStore
from accounts.console_sessions.opened import Opened, note_opened
from accounts.keyset import PAGE_SIZE
from accounts.models import ConsoleSession, Device, User
from demo.cast import ACME, FINN, LUMIERE, NORTHWIND, TOM, VOICE
from demo.scene import Scene
from subscriptions import billing, transfers
from subscriptions.access.asking import ask
from subscriptions.access.extent import Extent
from subscriptions.billing import Details
from subscriptions.models import Subscription
from subscriptions.models.level import Level
from subscriptions.models.order import PaymentKind


def visit(scene: Scene, domain: str, *, reason: str = "", case_number: str = "") -> None:
    """Let Tom enter a customer's console, look around, and leave it again."""
    tom, customer = scene.actors[TOM], scene.customers[domain]
    browser = SessionStore()
    browser.create()
    key = browser.session_key
    entered = entering.enter_console(
        actor=tom, customer=customer, session_key=key, reason=reason, case_number=case_number
    )
    _look_around(entered)
    entering.leave_console(actor=tom, customer=customer, session_key=key)
    browser.delete()


def _look_around(entered: ConsoleSession) -> None:
    """Write down what the pages would: the list of users, two of them, the devices (R23)."""
    people = User.objects.filter(customer=entered.customer).order_by("sort_name", "pk")
    shown = [Opened("console_home", ""), Opened("users", "users/", rows=min(people.count(), PAGE_SIZE))]
    title = "SELECT email FROM accounts_user WHERE id = %(user)s"
    shown += [Opened("user", f"users/{person.pk}/", title=title, about={"user": person.pk}) for person in people[:2]]
    devices = min(Device.objects.filter(customer=entered.customer).count(), PAGE_SIZE)
    for opened in [*shown, Opened("devices", "devices/", rows=devices), shown[-1]]:
        note_opened(entered.pk, opened)


def ask_for_reasons(scene: Scene) -> None:
    """From now on anyone who enters the console of Lumière says why."""
    claire = scene.actors["claire@lumiere.example"]
    entering.ask_for_entry_reason(actor=claire, customer=scene.customers[LUMIERE], required=True)


def ask_for_access(scene: Scene) -> None:
    """Finn of Northwind, to whom Acme's console is closed, asks for less than everything, and waits (R17)."""
    ask(
        actor=scene.actors[FINN],
        customer=scene.customers[ACME],
        extent=Extent(Level.DIRECTORY, lasts=timedelta(days=30)),
        skus=[VOICE],
        reason="Ticket N-318: the new sales team needs accounts and telephone numbers before the first of the month.",
    )


def go_to_northwind(scene: Scene, domain: str) -> None:
    """Let a customer leave its reseller: its admin makes a token, Northwind takes everything over with it."""
    customer, northwind = scene.customers[domain], scene.resellers[NORTHWIND]
    code = transfers.generate_transfer_token(actor=scene.admin_of(domain), customer=customer, reseller=northwind)
    assert isinstance(code, str)
    live = Subscription.objects.filter(customer=customer).exclude(status="CANCELLED")
    transfers.transfer_subscriptions(
        actor=scene.actors["nora@northwind.example"],
        reseller=northwind,
        domain=domain,
        code=code,
        products=set(live.values_list("sku__product", flat=True)),
        seen=list(live.values_list("pk", flat=True)),
        seats={},
    )


def tell_how_acme_pays(scene: Scene) -> None:
    """The vendor knows a card that will soon be over, and a bank account."""
    # Of this day, not of the past that the demo is in just now: the card is shown as one that is soon over.
    today = timezone.localdate()
    for details in (
        Details(PaymentKind.BANK, "Acme Ltd", "Norddeutsche Bank", "0042"),
        Details(PaymentKind.CARD, "Ana Lima", "Visa", "4417", expires_on=today + timedelta(days=20)),
    ):
        billing.add_payment_account(actor=None, customer=scene.customers[ACME], details=details)
