"""A customer that was registered through the API on the pages of its reseller and in its own console (P7, R1)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from accounts.roles import Role
from subscriptions.lifecycle import Offer, change_plan, order_subscription
from subscriptions.lifecycle.registering import register_customer
from subscriptions.models import Sku
from subscriptions.models.subscription import Plan
from tests.factories import put_person, put_reseller


@pytest.fixture
def admin(db: None) -> User:
    return put_person(put_reseller("Resale"), Role.RESELLER_ADMIN)


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def page(client: Client, name: str, **kwargs: object) -> str:
    answer = client.get(reverse(name, kwargs=kwargs or None), follow=True)
    assert answer.status_code == 200, name
    return answer.content.decode()


def test_P7_a_customer_in_which_nobody_is_has_its_pages(admin: User, client: Client) -> None:
    customer = register_customer(actor=Actor(admin), name="Initech", primary_domain="initech.example")
    assert "Initech" in page(client, "reseller_customers")
    assert "Initech" in page(client, "reseller_customer", domain=customer.primary_domain)
    assert "Initech" in page(client, "reseller_order", domain=customer.primary_domain)


def test_a_subscription_shows_its_purchase_order_and_what_comes_after_its_trial(admin: User, client: Client) -> None:
    customer = register_customer(actor=Actor(admin), name="Initech", primary_domain="initech.example")
    offer = Offer(Sku.objects.get(pk="1010020025"), Plan.TRIAL, None, "PO <4711>", "DEAL-1")
    sold = order_subscription(actor=Actor(admin), customer=customer, reseller=admin.reseller, offer=offer)
    change_plan(actor=Actor(admin), subscription=sold, plan=Plan.ANNUAL_YEARLY_PAY, seats=25)
    text = page(client, "reseller_subscription", domain=customer.primary_domain, subscription_id=sold.pk)
    assert "PO &lt;4711&gt;" in text
    assert "DEAL-1" in text
    after = text.partition("Plan after the trial")[2]
    assert "Annual plan, paid yearly" in after
    assert "25 seats" in after
