"""The pages of a transfer: the super admin's, where a token is generated, and the reseller's, where it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import organisations
from accounts.models import AuditEvent, Reseller, User
from accounts.roles import Role
from subscriptions.lifecycle import Offer, place_order
from subscriptions.models import Sku, Transfer, TransferToken
from subscriptions.models.subscription import Plan
from subscriptions.transfer_scope import digest_of
from tests.access.world import World, sell
from tests.client import main_text_of as said
from tests.contract.database import snapshot
from tests.factories import put_person, put_reseller
from tests.second_look import confirm, confirmation
from tests.subscriptions.transfer_world import VOICE, WORKSPACE, Buyer, make_buyer
from tests.web.console.access_page import client_of

TAKE_OVER = "/reseller/transfers/"


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def buyer(world: World) -> Buyer:
    return make_buyer(world)


def url(world: World, name: str = "transfer", **arguments: Any) -> str:
    return reverse(name, kwargs={"domain": world.customer.primary_domain, **arguments})


# --- At the customer -----------------------------------------------------------------------------------


def test_R14_a_token_is_generated_in_two_steps_and_shown_exactly_once(world: World) -> None:
    reseller = put_reseller("New Resale")
    Reseller.objects.filter(pk=reseller.pk).update(postal_address="1 Main Street")
    client = client_of(world.admin.user)
    typed = " ".join(reseller.public_id[i : i + 4].lower() for i in range(0, 16, 4))
    looked_up = client.post(url(world), {"reseller": typed, "step": "look_up"})
    assert "New Resale" in said(looked_up)
    assert "1 Main Street" in said(looked_up)
    assert not TransferToken.objects.exists()

    shown = client.post(url(world), {"reseller": reseller.public_id, "step": "generate"}, follow=True)
    assert shown.redirect_chain == [(url(world, "transfer_token"), 303)]
    assert "no-store" in shown.headers["Cache-Control"]
    code = re.search(r'id="token">([A-Z0-9 ]+)</code>', shown.content.decode())
    assert code
    token = code[1].replace(" ", "")
    assert TransferToken.objects.get().digest == digest_of(token)
    again = client.get(url(world))
    assert code[1] not in again.content.decode()
    assert token not in str(dict(client.session))
    reloaded = client.get(url(world, "transfer_token"))
    assert code[1] not in reloaded.content.decode()
    assert "was shown already" in said(reloaded)
    assert TransferToken.objects.count() == 1, "a reload generates nothing"
    assert "Waiting to be used until" in said(again)


def test_a_token_for_some_products_shows_the_reseller_those_alone(world: World) -> None:
    client, buyer = client_of(world.admin.user), put_reseller("New Resale")
    looked_up = client.post(url(world), {"reseller": buyer.public_id})
    assert "Only these products" in said(looked_up)
    asked = {"reseller": buyer.public_id, "step": "generate", "products": [VOICE]}
    forged = client.post(url(world), asked | {"products": ["nothing"]})
    assert forged.status_code == 422
    assert not TransferToken.objects.exists()
    shown = client.post(url(world), asked, follow=True)
    code = re.search(r'id="token">([A-Z0-9 ]+)</code>', shown.content.decode())
    assert code
    assert "Google Voice" in said(client.get(url(world)))
    taking = client_of(put_person(buyer, Role.RESELLER_ADMIN))
    page = taking.post(TAKE_OVER, {"domain": world.customer.primary_domain, "token": code[1], "step": "look"})
    assert f'value="{VOICE}"' in page.content.decode()
    assert f'value="{WORKSPACE}"' not in page.content.decode()


def test_unknown_and_suspended_resellers_get_one_same_answer(world: World) -> None:
    halted = put_reseller("Halted")
    organisations.suspend_reseller(actor=None, reseller=halted)
    client = client_of(world.admin.user)
    answers = [client.post(url(world), {"reseller": typed}) for typed in (halted.public_id, "A" * 16, "!", "a\u0301")]
    assert {answer.status_code for answer in answers} == {422}
    assert all("No reseller was found with this identifier" in said(answer) for answer in answers)
    assert 'value="!"' in answers[2].content.decode(), "what was typed stays"
    assert client.post(url(world), {"reseller": ""}).status_code == 422
    assert client.post(url(world), {"reseller": "x" * 65}).status_code == 422


def test_who_tries_identifiers_is_stopped(world: World) -> None:
    client, reseller = client_of(world.admin.user), put_reseller()
    for _ in range(20):
        assert client.post(url(world), {"reseller": "A" * 16}).status_code == 422
    assert client.post(url(world), {"reseller": reseller.public_id}).status_code == 429
    other = client_of(put_person(world.customer, Role.SUPER_ADMIN))
    assert other.post(url(world), {"reseller": reseller.public_id}).status_code == 200


def test_a_waiting_token_is_revoked_and_a_strangers_does_not_exist(world: World, stranger: World, buyer: Buyer) -> None:
    token = TransferToken.objects.get()
    client = client_of(world.admin.user)
    for number in (0, token.pk + 1, 10**30):
        assert client.post(url(world, "transfer_revoke", token_id=number)).status_code == 404
    theirs = client_of(stranger.admin.user)
    assert theirs.post(url(stranger, "transfer_revoke", token_id=token.pk)).status_code == 404
    assert "Buyer" not in said(theirs.get(url(stranger)))
    assert "can no longer take subscriptions over" in said(client.get(url(world)))
    response = client.post(url(world, "transfer_revoke", token_id=token.pk), follow=True)
    assert "Revoked. Buyer cannot use this token any more." in said(response)
    assert "Revoke this token?" not in said(response)
    again = client.post(url(world, "transfer_revoke", token_id=token.pk), follow=True)
    assert "used, revoked or expired already" in said(again)
    assert AuditEvent.objects.filter(name="REVOKE_TRANSFER_TOKEN").count() == 1


def test_R14_only_super_admins_are_led_to_the_page(world: World) -> None:
    page = url(world, "subscriptions")
    assert url(world) in client_of(world.admin.user).get(page).content.decode()
    auditor = client_of(put_person(world.customer, Role.AUDITOR))
    agent = client_of(world.agent)
    agent.post(url(world, "enter_console"))
    for client in (auditor, agent):
        assert client.get(page).status_code == 200
        assert url(world) not in client.get(page).content.decode()
        assert client.get(url(world)).status_code == 403
        assert client.post(url(world), {"reseller": world.reseller.public_id, "step": "generate"}).status_code == 403
    assert not TransferToken.objects.exists()


# --- At the reseller -----------------------------------------------------------------------------------


def typed(buyer: Buyer, **more: Any) -> dict[str, Any]:
    seen = [each.pk for each in buyer.world.customer.subscriptions.all()]
    return {"domain": buyer.world.customer.primary_domain, "token": buyer.code, "seen": seen, **more}


def test_looking_uses_nothing_up_and_says_what_follows(world: World, buyer: Buyer) -> None:
    sell(world.customer, put_reseller("Someone Else"), "1010400001")
    Reseller.objects.filter(pk=world.reseller.pk).update(name="Former Resale")
    client = client_of(buyer.admin.user)
    start = client.get(TAKE_OVER)
    parts = [buyer.reseller.public_id[i : i + 4] for i in range(0, 16, 4)]
    assert " ".join(parts) in said(start)
    before = snapshot()
    page = client.post(TAKE_OVER, typed(buyer, step="look_up"))
    assert snapshot() == before
    assert page.status_code == 200
    text = said(page)
    for words in (
        "Google Workspace Business Starter",
        "Google Voice Standard",
        "can view them, but no longer manage",
        "The seller they had until now loses them",
        "closed at once",
        "opens to your organisation",
        "Licences stay assigned",
        "For 18 months nothing",
        "The token is used up",
    ):
        assert words in text
    for secret in ("Former Resale", "Someone Else"):
        assert secret not in page.content.decode()
    assert buyer.code not in page.request["PATH_INFO"] + page.request["QUERY_STRING"]


def test_the_reseller_takes_over_what_it_chose(world: World, buyer: Buyer) -> None:
    client = client_of(buyer.admin.user)
    sent = typed(buyer, step="transfer", products=[WORKSPACE]) | {f"seats_{world.sold.pk}": "12"}
    response = confirm(client, TAKE_OVER, sent, follow=True)
    assert "1 subscription of Customer was transferred to your organisation." in said(response)
    assert response.request["PATH_INFO"] == reverse("reseller_customer", args=[world.customer.primary_domain])
    world.sold.refresh_from_db()
    world.own.refresh_from_db()
    assert (world.sold.reseller, world.sold.seats) == (buyer.reseller, 12)
    assert world.own.reseller is None
    assert "Google Workspace" in said(client.get(TAKE_OVER))
    assert client.post(TAKE_OVER, sent).status_code == 422, "the token is used up"


def test_B5_other_seats_are_shown_before_anything_moves(world: World, buyer: Buyer) -> None:
    client, field = client_of(buyer.admin.user), f"seats_{world.sold.pk}"
    sent = typed(buyer, step="transfer", products=[WORKSPACE, VOICE]) | {field: "210"}
    page = client.post(TAKE_OVER, sent)
    assert "Google Workspace Business Starter: 10 → 210 seats, without a commitment." in said(page)
    assert "Type 210 to confirm it" in said(page)
    shown = confirmation(client, TAKE_OVER, sent)
    assert client.post(TAKE_OVER, shown | {"typed": "21"}).status_code == 422
    assert client.post(TAKE_OVER, shown | {field: "211"}).status_code == 422
    edited = client.post(TAKE_OVER, shown | {"step": "edit"}).content.decode()
    assert f'name="{field}" value="210"' in edited
    assert not Transfer.objects.exists()
    hidden = re.findall(r'<input type="hidden" name="([a-z_0-9]+)" value="([^"]*)"', page.content.decode())
    assert {("products", WORKSPACE), ("products", VOICE), ("token", buyer.code), (field, "210")} <= set(hidden)
    assert {int(value) for name, value in hidden if name == "seen"} == set(sent["seen"])
    assert client.post(TAKE_OVER, shown).status_code == 302
    world.sold.refresh_from_db()
    assert (world.sold.reseller, world.sold.seats) == (buyer.reseller, 210)


def test_errors_keep_what_was_typed_and_change_nothing(world: World, buyer: Buyer) -> None:
    annual = place_order(
        actor=None,
        customer=world.customer,
        reseller=world.reseller,
        offer=Offer(Sku.objects.get(pk="1010020028"), Plan.ANNUAL_MONTHLY_PAY, 20),
    )
    client = client_of(buyer.admin.user)
    field = f"seats_{annual.pk}"
    for wrong in ("19", "-1", "x", "9" * 30):
        page = client.post(TAKE_OVER, typed(buyer, step="transfer", products=[WORKSPACE, VOICE], **{field: wrong}))
        assert page.status_code == 422
        assert f'id="id_{field}_error"' in page.content.decode()
    nothing = client.post(TAKE_OVER, typed(buyer, step="transfer"))
    assert (nothing.status_code, "Choose at least one product." in said(nothing)) == (422, True)
    assert f'value="{buyer.code}"' in nothing.content.decode()
    for forged in (["101040"], [WORKSPACE, "nothing"], ["'"]):
        assert client.post(TAKE_OVER, typed(buyer, step="transfer", products=forged)).status_code == 422
    assert not Transfer.objects.exists()


def test_what_was_added_meanwhile_is_shown_before_it_moves(world: World, buyer: Buyer) -> None:
    client, sent = client_of(buyer.admin.user), typed(buyer, step="transfer", products=[WORKSPACE])
    added = sell(world.customer, world.reseller, "1010020020")
    page = client.post(TAKE_OVER, sent)
    assert page.status_code == 422
    assert "What can move has changed meanwhile" in said(page)
    assert f'name="seen" value="{added.pk}"' in page.content.decode()
    assert client.post(TAKE_OVER, sent | {"seen": ["x", "9" * 40]}).status_code == 422
    assert client.post(TAKE_OVER, sent | {"seen": [*sent["seen"], added.pk]}).status_code == 302


def test_a_forged_field_for_another_customers_seats_is_no_field(world: World, stranger: World, buyer: Buyer) -> None:
    client = client_of(buyer.admin.user)
    sent = typed(buyer, step="transfer", products=[VOICE]) | {f"seats_{stranger.own.pk}": "99"}
    assert client.post(TAKE_OVER, sent).status_code == 302
    stranger.own.refresh_from_db()
    assert (stranger.own.seats, stranger.own.reseller) == (10, None)


def test_whatever_is_wrong_the_answer_is_the_same_page(world: World, stranger: World, buyer: Buyer) -> None:
    client = client_of(buyer.admin.user)
    wrong = [
        {"domain": stranger.customer.primary_domain},
        {"domain": "nobody.example"},
        {"domain": "no domain"},
        {"domain": world.customer.primary_domain, "token": "A" * 16},
        {"domain": world.customer.primary_domain, "token": make_buyer(world, put_reseller("Rival")).code},
    ]
    pages = [client.post(TAKE_OVER, typed(buyer) | change) for change in wrong]
    assert {page.status_code for page in pages} == {422}
    assert len({said(page) for page in pages}) == 1
    assert "No transfer is open with this domain and this token" in said(pages[0])


def test_who_tries_tokens_is_stopped(world: World, buyer: Buyer) -> None:
    client = client_of(buyer.admin.user)
    for _ in range(20):
        assert client.post(TAKE_OVER, typed(buyer, token="A" * 16)).status_code == 422
    assert client.post(TAKE_OVER, typed(buyer)).status_code == 429
    assert client.post(TAKE_OVER, typed(buyer, step="transfer", products=[VOICE])).status_code == 429
    assert not Transfer.objects.exists()


def test_a_group_that_left_is_shown_with_the_day_from_which_it_can_come_back(world: World, buyer: Buyer) -> None:
    buyer.take(WORKSPACE)
    back = make_buyer(world, world.reseller)
    client = client_of(back.admin.user)
    page = client.post(TAKE_OVER, typed(back))
    assert "It left your organisation less than 18 months ago. It can come back from" in said(page)
    assert re.search(r'value="Google-Apps" disabled', page.content.decode())
    forged = client.post(TAKE_OVER, typed(back, step="transfer", products=[WORKSPACE]))
    assert forged.status_code == 422
    world.sold.refresh_from_db()
    assert world.sold.reseller == buyer.reseller


def test_nothing_to_transfer_says_so_and_keeps_the_token(world: World, buyer: Buyer) -> None:
    buyer.take(WORKSPACE, VOICE)
    again = make_buyer(world, buyer.reseller)
    page = client_of(buyer.admin.user).post(TAKE_OVER, typed(again))
    assert "Nothing to transfer" in said(page)
    assert TransferToken.objects.get(digest=digest_of(again.code)).used_at is None


def test_only_reseller_admins_open_the_page(world: World, buyer: Buyer) -> None:
    def status(person: User) -> int:
        return client_of(person).get(TAKE_OVER).status_code

    assert status(buyer.admin.user) == 200
    assert status(world.agent) == 403
    assert status(world.admin.user) == 404
    assert Client().get(TAKE_OVER).status_code == 302
