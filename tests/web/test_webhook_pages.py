"""The pages *Webhooks* (X6): of a customer for its super admins, of a reseller for its admins."""

from __future__ import annotations

import re

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import Customer, User, WebhookDelivery, WebhookEndpoint
from accounts.roles import Role
from accounts.webhooks.asking import send_test
from accounts.webhooks.sending import due_deliveries
from accounts.webhooks.signing import opened
from tests.accounts.webhooks.receiver import Receiver, answer, listen, receiver
from tests.client import main_text_of, signed_in
from tests.factories import make_customer, make_person, make_reseller


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def browser(ana: User) -> Client:
    return signed_in(ana)


def url(page: str, **names: object) -> str:
    return reverse(page, kwargs={"domain": "acme.example", **names})


def secret_on(page: str) -> str:
    [code] = re.findall(r'id="secret">(whsec_[\w+/=]+)<', page)
    return str(code)


def add(browser: Client, program: Receiver, **other: object) -> str:
    data = {"name": "Ticketing", "url": program.url, "families": ["directory", "access"], **other}
    return browser.post(url("webhook_new"), data, follow=True).content.decode()


def test_X6_a_webhook_is_added_tested_and_paused_on_its_page(ana: User, browser: Client) -> None:
    with receiver() as program:
        secret = secret_on(add(browser, program))
        endpoint = WebhookEndpoint.objects.get()
        assert "There is no secret to show" in main_text_of(browser.get(url("webhook_secret")))
        page = main_text_of(browser.get(url("webhooks")))
        assert "Ticketing" in page and "Active" in page and ana.email in page and "key" not in page

        def deed(name: str, **more: object) -> str:
            where = url(f"webhook_{name}", endpoint_id=endpoint.pk, **more)
            return main_text_of(browser.post(where, follow=True))

        assert "A test is on its way" in deed("test")
        sum(due_deliveries())
        assert program.got[0].verified(secret)["type"] == "webhook.test"
        page = main_text_of(browser.get(url("webhook_endpoint", endpoint_id=endpoint.pk)))
        assert "webhook.test" in page and "Delivered" in page and "Answer: 204" in page and program.got[0].id in page

        program.behaviour = answer(500)
        delivery = WebhookDelivery.objects.get()
        assert "sent again" in deed("replay", delivery_id=delivery.pk)
        sum(due_deliveries())
        assert "Answer: 500" in main_text_of(browser.get(url("webhook_endpoint", endpoint_id=endpoint.pk)))

        new = browser.post(url("webhook_rotate", endpoint_id=endpoint.pk), follow=True).content.decode()
        endpoint.refresh_from_db()
        assert secret_on(new) == opened(endpoint.secret) != secret

        assert "is paused" in deed("pause") and "was paused already" in deed("pause")
        assert "An admin paused it" in main_text_of(browser.get(url("webhook_endpoint", endpoint_id=endpoint.pk)))
        assert "Resume it first" in deed("test")
        assert "is resumed" in deed("resume") and "was not paused" in deed("resume")
        assert "is removed" in deed("remove")
    assert browser.get(url("webhook_endpoint", endpoint_id=endpoint.pk)).status_code == 404
    assert "No webhooks yet" in main_text_of(browser.get(url("webhooks")))


def test_X6_the_page_of_a_message_shows_every_try_with_its_answer(ana: User, browser: Client) -> None:
    with receiver() as program:
        endpoint, _secret = listen(ana, program.url)
        message = send_test(actor=Actor(user=ana), endpoint=endpoint)
        where = url("webhook_message", endpoint_id=endpoint.pk, delivery_id=message.pk)
        assert where in browser.get(url("webhook_endpoint", endpoint_id=endpoint.pk)).content.decode()
        assert "No tries yet" in main_text_of(browser.get(where))
        program.behaviour = answer(503, b"<b>full</b>")
        sum(due_deliveries())
        WebhookDelivery.objects.update(next_attempt_at=F("queued_at"))
        program.behaviour = answer(200, b"better")
        sum(due_deliveries())
    page = browser.get(where)
    text, source = main_text_of(page), page.content.decode()
    assert "Answer: 503" in text and "Answer: 200" in text
    assert source.index("better") < source.index("&lt;b&gt;full&lt;/b&gt;") and "<b>full</b>" not in source


def test_X6_a_form_says_what_is_wrong_and_keeps_what_was_typed(browser: Client) -> None:
    answered = browser.post(url("webhook_new"), {"name": "x", "url": "http://hooks.example.com/", "families": "access"})
    page = answered.content.decode()
    assert answered.status_code == 422 and "begins with https://" in page and "http://hooks.example.com/" in page
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("deed", ["rotate", "test", "pause", "resume", "remove"])
def test_X6_a_stranger_s_webhook_is_no_page(browser: Client, deed: str) -> None:
    gina = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    theirs, _secret = listen(gina, "http://127.0.0.1:1/")
    before = WebhookEndpoint.objects.values().get()
    assert browser.get(url("webhook_endpoint", endpoint_id=theirs.pk)).status_code == 404
    assert browser.post(url(f"webhook_{deed}", endpoint_id=theirs.pk)).status_code == 404
    assert WebhookEndpoint.objects.values().get() == before
    assert "No webhooks yet" in main_text_of(browser.get(url("webhooks")))


def test_X6_a_stranger_s_message_is_no_page(ana: User, browser: Client) -> None:
    own, _secret = listen(ana, "http://127.0.0.1:1/")
    gina = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    theirs, _other = listen(gina, "http://127.0.0.1:1/")
    message = send_test(actor=Actor(user=gina), endpoint=theirs)
    for endpoint in (own, theirs):
        where = {"endpoint_id": endpoint.pk, "delivery_id": message.pk}
        assert browser.post(url("webhook_replay", **where)).status_code == 404
        assert browser.get(url("webhook_message", **where)).status_code == 404


def test_X6_a_reseller_s_admin_has_webhooks_of_its_own(db: None) -> None:
    reseller = make_reseller("Resale", "resale.example")
    rosa = make_person(reseller, Role.RESELLER_ADMIN)
    browser = signed_in(rosa)
    with receiver() as program:
        data = {"name": "CRM", "url": program.url, "families": ["staff"]}
        secret = secret_on(browser.post(reverse("reseller_webhook_new"), data, follow=True).content.decode())
        record_audit(EventName.CREATE_TEAM, actor=Actor(user=rosa), customer=None, subject="North")
        sum(due_deliveries())
        [got] = program.got
        assert got.verified(secret)["data"]["subject"] == "North"
    endpoint = WebhookEndpoint.objects.get()
    page = main_text_of(browser.get(reverse("reseller_webhook_endpoint", kwargs={"endpoint_id": endpoint.pk})))
    assert "staff.create_team" in page
    agent = signed_in(make_person(reseller, Role.RESELLER_AGENT))
    assert agent.get(reverse("reseller_webhooks")).status_code == 403
