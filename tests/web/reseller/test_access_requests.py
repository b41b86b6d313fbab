"""R17 at the reseller: asking on the page of a customer and where its console is closed; answers, withdrawing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.roles import Role
from subscriptions.access.answering import reject, switch_requests
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessRequest, Sku
from subscriptions.models.level import Level
from subscriptions.models.request import RequestStatus
from tests.access.boxes import console, save
from tests.access.requests_world import REASON, chosen, close, give, request_access
from tests.access.world import World, propagate
from tests.client import main_text_of, signed_in, text_of, url_of
from tests.factories import make_person

ASK = "Ask for access"
FORM = {"level": "directory", "lasts": "168", "reason": REASON}


@pytest.fixture
def closed(world: World) -> World:
    close(world)
    return world


@pytest.fixture
def agent(world: World) -> Client:
    return signed_in(world.agent)


def customer_page(client: Client, world: World) -> str:
    return main_text_of(client.get(url_of("reseller_customer", world.customer)))


def ask(client: Client, world: World, **changed: Any) -> Any:
    return client.post(url_of("reseller_ask", world.customer), {**FORM, **changed})


def test_R17_a_closed_console_offers_to_ask(closed: World, agent: Client) -> None:
    for name in ("console_home", "enter_console"):
        response = agent.get(url_of(name, closed.customer))
        assert response.status_code == 403
        assert f'href="{url_of("reseller_ask", closed.customer)}">{ASK}' in response.content.decode()


def test_R17_to_a_person_who_may_not_ask_nothing_is_offered(closed: World) -> None:
    indirect = signed_in(make_person(closed.reseller, Role.INDIRECT_RESELLER_ADMIN))
    assert ASK not in text_of(indirect.get(url_of("console_home", closed.customer)))
    assert ASK not in customer_page(indirect, closed)
    assert ask(indirect, closed).status_code == 403


def test_R17_asking_from_the_page_of_a_customer(closed: World, agent: Client) -> None:
    assert ASK in customer_page(agent, closed)
    assert "What do you need?" in text_of(agent.get(url_of("reseller_ask", closed.customer)))
    response = ask(agent, closed)
    assert response.status_code == 302
    says = main_text_of(agent.get(response.headers["Location"]))
    for part in ("Waiting for an answer", REASON, "Directory 7 days", closed.agent.email, "Withdraw"):
        assert part in says
    assert ASK not in says


def test_R3_asking_tells_nothing_of_what_the_customer_bought(closed: World, agent: Client) -> None:
    """Every product of the catalogue is offered, whatever the customer has."""
    html = agent.get(url_of("reseller_ask", closed.customer)).content.decode()
    assert html.count('name="skus"') == Sku.objects.count()
    assert not [word for word in ("checked", str(closed.own.pk) + '"') if f'name="skus" value="{word}' in html]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"level": ""}, "level"),
        ({"level": "everything of 2031"}, "level"),
        ({"lasts": ""}, "lasts"),
        ({"lasts": "0"}, "lasts"),
        ({"lasts": "9000"}, "lasts"),
        ({"reason": ""}, "reason"),
        ({"reason": " \n "}, "reason"),
        ({"reason": "\u200b\u3164"}, "reason"),
        ({"reason": "x" * 10_000}, "reason"),
        ({"skus": ["nothing"]}, "skus"),
    ],
)
def test_R17_bad_input_names_the_field_and_keeps_what_was_typed(
    closed: World, agent: Client, wrong: dict[str, Any], field: str
) -> None:
    typed = {"reason": "Typed <carefully>"} | wrong
    response = ask(agent, closed, **typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert f'href="#id_{field}' in html
    assert "reason" in wrong or "Typed &lt;carefully&gt;" in html
    assert not AccessRequest.objects.exists()


def test_R17_a_second_request_is_refused_with_what_was_typed(closed: World, agent: Client) -> None:
    ask(agent, closed)
    assert "waits for an answer" in text_of(agent.get(url_of("reseller_ask", closed.customer)))
    response = ask(agent, closed, reason="Something else")
    assert response.status_code == 422
    assert "A request of your organisation waits for an answer" in text_of(response)
    assert "Something else" in response.content.decode()


def test_R17_two_clicks_are_one_request(closed: World, agent: Client) -> None:
    assert [ask(agent, closed).status_code for _ in range(2)] == [302, 302]
    assert AccessRequest.objects.count() == 1


def test_R17_requests_switched_off(closed: World, agent: Client) -> None:
    switch_requests(actor=closed.admin, customer=closed.customer, on=False)
    says = customer_page(agent, closed)
    assert "takes no requests for access" in says
    assert ASK not in says
    response = ask(agent, closed)
    assert response.status_code == 422
    assert "takes no requests for access" in text_of(response)


def test_R17_withdrawing(closed: World, agent: Client) -> None:
    asked = request_access(closed)
    url = url_of("reseller_request_withdraw", closed.customer, request_id=asked.pk)
    for _click in range(2):
        says = text_of(agent.post(url, follow=True))
        assert "Withdrawn. You can ask again at any time." in says
    asked.refresh_from_db()
    assert asked.status == RequestStatus.WITHDRAWN


def test_R17_withdrawing_what_was_answered(closed: World, agent: Client) -> None:
    asked = give(closed, request_access(closed))
    url = url_of("reseller_request_withdraw", closed.customer, request_id=asked.pk)
    assert "no longer open" in text_of(agent.post(url, follow=True))


def test_R17_the_answer_and_not_who_gave_it(closed: World, agent: Client) -> None:
    asked = request_access(closed)
    reject(actor=closed.admin, customer=closed.customer, request_id=asked.pk, reason="Not <b>now</b>")
    for name in ("reseller_customer", "reseller_requests"):
        response = agent.get(url_of(name, closed.customer))
        assert "Rejected" in main_text_of(response)
        assert "Not &lt;b&gt;now&lt;/b&gt;" in response.content.decode()
        assert closed.admin.user.email not in response.content.decode()


def test_R17_the_reseller_reads_what_was_given_and_not_why_a_product_was_not(closed: World, agent: Client) -> None:
    """R3: Vault was not bought, and Voice is given; both were asked for."""
    asked = request_access(closed, skus=["1010330004", "Google-Vault"])
    give(closed, asked, chosen(asked, Level.VIEW, subscriptions=[closed.own]))
    says = customer_page(agent, closed)
    assert "Given: View only 7 days Google Voice Standard today" in says


def test_R17_all_requests_are_on_a_page_of_their_own(closed: World, agent: Client) -> None:
    for number in range(4):
        asked = request_access(closed, reason=f"Reason {number}")
        reject(actor=closed.admin, customer=closed.customer, request_id=asked.pk, reason="No")
    says = customer_page(agent, closed)
    assert ["Reason 0" in says, "Reason 3" in says] == [False, True]
    assert "Reason 0" in text_of(agent.get(url_of("reseller_requests", closed.customer)))


def test_R13_a_colleague_who_does_not_work_there_sees_nothing(closed: World) -> None:
    request_access(closed)
    colleague = signed_in(make_person(closed.reseller, Role.RESELLER_AGENT))
    for name in ("reseller_customer", "reseller_requests", "reseller_ask"):
        assert colleague.get(url_of(name, closed.customer)).status_code == 404


def test_R13_another_reseller_sees_nothing(closed: World, stranger: World) -> None:
    asked = request_access(closed)
    other = signed_in(make_person(stranger.reseller, Role.RESELLER_ADMIN))
    assert other.get(url_of("reseller_requests", closed.customer)).status_code == 404
    url = url_of("reseller_request_withdraw", stranger.customer, request_id=asked.pk)
    assert "does not exist" in text_of(other.post(url, follow=True))
    asked.refresh_from_db()
    assert asked.status == RequestStatus.PENDING


def test_R13_the_relation_ends_while_the_form_is_open(closed: World, agent: Client) -> None:
    cancel_subscription(actor=None, subscription=closed.sold)
    assert ask(agent, closed).status_code == 404


def test_R17_what_is_open_already(world: World, agent: Client) -> None:
    save(world, console(world, True))
    propagate()
    response = ask(agent, world)
    assert response.status_code == 422
    assert "has this access already" in text_of(response)


def test_R17_french(closed: World) -> None:
    admin = make_person(closed.reseller, Role.RESELLER_ADMIN)
    admin.language = "fr"
    admin.save(update_fields=["language"])
    client = signed_in(admin)
    assert "Demander un accès" in customer_page(client, closed)
    request_access(closed, actor=Actor(admin))
    assert "En attente d’une réponse" in customer_page(client, closed)
