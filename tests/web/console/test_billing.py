"""Billing: payment accounts that hold four digits at most, and the history of every subscription (R14)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.billing import Details, Expiry, add_payment_account, expiry_of, remove_payment_account
from subscriptions.lifecycle import cancel_subscription, change_seats
from subscriptions.models import Order, PaymentAccount, Sku
from subscriptions.models.order import PaymentKind
from tests.access.world import World
from tests.client import main_text_of as said
from tests.contract.crawl import content_of
from tests.factories import put_person
from tests.web.console.access_page import client_of


def url(world: World, name: str = "billing") -> str:
    return reverse(name, kwargs={"domain": world.customer.primary_domain})


def card(digits: str = "4242", expires: date = date(2099, 12, 31)) -> Details:
    return Details(PaymentKind.CARD, "Ana Admin", "Visa", digits, expires)


def run(name: str, *args: str) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue().strip()


# --- Payment accounts ----------------------------------------------------------------------------------


def test_operators_add_and_remove_accounts_and_the_trail_says_so(world: World) -> None:
    domain = world.customer.primary_domain
    first = run(
        "add_payment_account", domain, "card", "Ana", "--institution=Visa", "--last-digits=4242", "--expires=2028-02"
    )
    assert first.endswith("Visa ····4242, primary.")
    run("add_payment_account", domain, "bank", "Ana", "--institution=Bank", "--last-digits=0001")
    third = run("add_payment_account", domain, "invoice", "Ana", "--primary")
    assert "Invoice, primary" in third
    accounts = list(PaymentAccount.objects.order_by("pk"))
    assert [account.is_primary for account in accounts] == [False, False, True]
    assert accounts[0].expires_on == date(2028, 2, 29)
    assert f"{accounts[1].pk}: Bank ····0001, Ana" in run("remove_payment_account", domain)
    assert "Primary is now" in run("remove_payment_account", domain, str(accounts[2].pk))
    assert PaymentAccount.objects.get(is_primary=True) == accounts[0]
    names = AuditEvent.objects.filter(name__endswith="PAYMENT_ACCOUNT").order_by("id").values_list("name", flat=True)
    assert list(names) == ["ADD_PAYMENT_ACCOUNT"] * 3 + ["REMOVE_PAYMENT_ACCOUNT"]
    assert "Visa ····4242" in said(client_of(world.admin.user).get(url(world, "audit_log")))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["card", "Ana", "--last-digits=4242424242424242", "--expires=2028-02"], "last_digits"),
        (["card", "Ana", "--last-digits=42", "--expires=2028-02"], "last_digits"),
        (["card", "Ana", "--last-digits=４２４２", "--expires=2028-02"], "last_digits"),
        (["bank", "Ana"], "last_digits"),
        (["invoice", "Ana", "--last-digits=4242"], "last_digits"),
        (["card", "Ana 4242 4242 4242 4242", "--last-digits=4242", "--expires=2028-02"], "holder"),
        (["bank", "Ana", "--last-digits=4242", "--institution=DE89-3704-0044"], "institution"),
        (["bank", " ", "--last-digits=4242"], "holder"),
        (["bank", "x" * 201, "--last-digits=4242"], "holder"),
        (["card", "Ana", "--last-digits=4242"], "expires"),
        (["card", "Ana", "--last-digits=4242", "--expires=02/28"], "expires"),
        (["bank", "Ana", "--last-digits=4242", "--expires=2028-02"], "expires"),
    ],
)
def test_whatever_could_be_a_whole_number_is_refused_and_the_field_named(
    world: World, arguments: list[str], field: str
) -> None:
    with pytest.raises(CommandError) as caught:
        run("add_payment_account", world.customer.primary_domain, *arguments)
    assert str(caught.value).startswith(f"{field}: ")
    assert not PaymentAccount.objects.exists()


def test_R14_nobody_of_the_customer_writes_how_it_pays(world: World) -> None:
    account = add_payment_account(actor=None, customer=world.customer, details=card())
    admin = Actor(put_person(world.customer, Role.SUPER_ADMIN))
    with pytest.raises(PermissionDenied):
        add_payment_account(actor=admin, customer=world.customer, details=card("9999"))
    with pytest.raises(PermissionDenied):
        remove_payment_account(actor=admin, account=account)
    assert PaymentAccount.objects.get() == account


def test_an_account_of_a_stranger_cannot_be_removed_by_its_number(world: World, stranger: World) -> None:
    account = add_payment_account(actor=None, customer=stranger.customer, details=card())
    with pytest.raises(CommandError):
        run("remove_payment_account", world.customer.primary_domain, str(account.pk))
    assert PaymentAccount.objects.get() == account
    remove_payment_account(actor=None, account=account)
    assert remove_payment_account(actor=None, account=account) is None, "again is nothing"
    assert AuditEvent.objects.filter(name="REMOVE_PAYMENT_ACCOUNT").count() == 1


def test_a_card_expires_soon_and_then_has_expired() -> None:
    today = date(2026, 11, 27)
    ends = {Expiry.EXPIRED: today - timedelta(days=1), Expiry.SOON: today, Expiry.VALID: today + timedelta(days=31)}
    for expiry, day in ends.items():
        assert expiry_of(PaymentAccount(expires_on=day), today) is expiry
    assert expiry_of(PaymentAccount(expires_on=today + timedelta(days=30)), today) is Expiry.SOON
    assert expiry_of(PaymentAccount(expires_on=None), today) is Expiry.VALID


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "Visa ····4242 has expired."), (5, "Visa ····4242 expires soon."), (90, "")]
)
def test_the_page_warns_of_the_primary_account_only(world: World, days: int, words: str) -> None:
    expires = timezone.localdate() + timedelta(days=days)
    add_payment_account(actor=None, customer=world.customer, details=card(expires=expires))
    add_payment_account(actor=None, customer=world.customer, details=card("9999", timezone.localdate()))
    text = said(client_of(world.admin.user).get(url(world)))
    assert words in text
    assert ("Give Google another payment account" in text) == bool(words)
    assert "Visa ····9999 expires soon." not in text
    assert "Primary" in text


# --- Who sees it -----------------------------------------------------------------------------------------


def test_R14_billing_is_for_the_customers_own_people_with_the_right(world: World, stranger: World) -> None:
    add_payment_account(actor=None, customer=world.customer, details=card())
    auditor = client_of(put_person(world.customer, Role.AUDITOR))
    helper = client_of(put_person(world.customer, Role.HELP_DESK_ADMIN))
    agent = client_of(world.agent)
    agent.post(url(world, "enter_console"))
    for page in ("billing", "billing_export"):
        assert client_of(world.admin.user).get(url(world, page)).status_code == 200
        assert auditor.get(url(world, page)).status_code == 200
        assert helper.get(url(world, page)).status_code == 403
        assert agent.get(url(world, page)).status_code == 403
        assert client_of(stranger.admin.user).get(url(world, page)).status_code == 404
    assert "4242" not in said(client_of(stranger.admin.user).get(url(stranger)))
    assert url(world) not in agent.get(url(world, "console_home")).content.decode()


# --- The history -----------------------------------------------------------------------------------------


def lines(response: Any) -> int:
    return len(re.findall(r"<time", response.content.decode().split('class="card card--flush"')[-1]))


def test_the_history_has_every_line_whoever_sold_it(world: World, stranger: World) -> None:
    change_seats(actor=world.admin, subscription=world.own, seats=20)
    cancel_subscription(actor=None, subscription=world.sold)
    client = client_of(world.admin.user)
    page = client.get(url(world))
    assert lines(page) == 4
    text = said(page)
    assert f"Seats changed Google Voice Standard Seats: 10 → changed to 20 20 Google {world.admin.user.email}" in text
    assert f"Cancelled {world.sold.sku.name}" in text
    assert lines(client.get(url(world), {"subscription": world.own.pk})) == 2
    assert lines(client.get(url(world), {"kind": "cancelled"})) == 1
    assert lines(client.get(url(world), {"until": "2020-01-01"})) == 0
    assert "Nothing in the history matches" in said(client.get(url(world), {"until": "2020-01-01"}))


@pytest.mark.parametrize(
    ("field", "value"),
    [("subscription", "x"), ("subscription", "0"), ("kind", "x"), ("since", "31/12"), ("until", "1999-01-01")],
)
def test_a_filter_that_is_not_understood_names_the_field(world: World, field: str, value: str) -> None:
    client = client_of(world.admin.user)
    page = client.get(url(world), {field: value})
    assert f'id="id_{field}_error"' in page.content.decode()
    assert lines(page) == 0
    assert client.get(url(world, "billing_export"), {field: value}).status_code == 400


def test_a_strangers_subscription_is_no_filter(world: World, stranger: World) -> None:
    page = client_of(world.admin.user).get(url(world), {"subscription": stranger.own.pk})
    assert 'id="id_subscription_error"' in page.content.decode()
    assert lines(page) == 0


def test_the_export_is_harmless_filtered_and_in_ones_language(world: World) -> None:
    Sku.objects.filter(pk=world.own.sku_id).update(name="=HYPERLINK(1)")
    client = client_of(world.admin.user)
    response = client.get(
        url(world, "billing_export"), {"subscription": world.own.pk}, headers={"accept-language": "fr"}
    )
    rows = list(csv.reader(io.StringIO(content_of(response).decode("utf-8-sig"))))
    assert "no-store" in response.headers["Cache-Control"]
    assert len(rows) == 2
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert rows[1][5] == "Google"
    assert Order.objects.count() == 2
