"""R20 on pages: activating, the bar inside, more time, approving, ending, and what a stranger learns."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Activation, AuditEvent, ConsoleSession, User
from accounts.models.activations import ActivationStatus, Approval
from accounts.roles import Role
from subscriptions.models.standing import Standing
from tests.access.activations import REASON, activated, approved_by, put_on_request
from tests.access.world import World, make_world, pass_time
from tests.client import main_text_of, signed_in, text_of, url_of
from tests.factories import make_person

FORM = {"lasts": "2", "reason": REASON, "case_number": "C-7"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def agent(world: World) -> Client:
    put_on_request(world)
    return signed_in(world.agent)


def activate(client: Client, world: World, **changed: Any) -> Any:
    return client.post(url_of("reseller_activate", world.customer), {**FORM, **changed})


def page(client: Client, world: World, name: str = "console_home") -> Any:
    return client.get(url_of(name, world.customer))


def test_R20_closed_until_it_is_activated_and_then_inside_with_a_bar(world: World, agent: Client) -> None:
    closed = page(agent, world)
    assert closed.status_code == 403
    assert f'href="{url_of("reseller_activate", world.customer)}">Activate access' in closed.content.decode()
    assert "only for when it is needed" in text_of(closed)
    customer = page(agent, world, "reseller_customer")
    assert "Open admin console" not in main_text_of(customer)
    assert "Activate access" in main_text_of(customer)

    answer = activate(agent, world)
    assert answer.headers["Location"] == url_of("console_home", world.customer)
    made = Activation.objects.get()
    bar = text_of(page(agent, world))
    assert f"Your activation {made.pk} ends" in bar
    assert "Leave" in bar
    visit = ConsoleSession.objects.get(ended_at=None)
    assert (visit.activation_id, visit.reason, visit.case_number) == (made.pk, REASON, "C-7")
    assert AuditEvent.objects.get(name="RESELLER_CONSOLE_ENTERED").activation_id == made.pk

    group = {"name": "Printers", "email": f"printers@{world.customer.primary_domain}"}
    agent.post(url_of("group_create", world.customer), group)
    assert AuditEvent.objects.get(name="CREATE_GROUP").activation_id == made.pk
    assert f"Activation {made.pk}" in main_text_of(page(signed_in(world.admin.user), world, "audit_log"))


def test_R20_the_next_click_after_the_end_is_closed(world: World, agent: Client) -> None:
    activate(agent, world)
    pass_time(2 * 3600 + 1)
    assert page(agent, world, "users").status_code == 403
    activate(agent, world, reason="Again")
    assert page(agent, world, "users").status_code == 200
    assert ConsoleSession.objects.filter(agent=world.agent).count() == 2


def test_R20_more_time_is_offered_in_the_last_ten_minutes(world: World, agent: Client) -> None:
    activate(agent, world)
    more = url_of("reseller_activate_more", world.customer)
    assert f'href="{more}" data-more hidden' in page(agent, world).content.decode()
    pass_time(2 * 3600 - 300)
    html = page(agent, world).content.decode()
    assert f'href="{more}" data-more>' in html
    assert REASON in agent.get(more).content.decode()
    assert agent.post(more, FORM).headers["Location"] == url_of("console_home", world.customer)
    pass_time(600)
    assert page(agent, world).status_code == 200
    assert ConsoleSession.objects.filter(agent=world.agent, ended_at=None).count() == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"lasts": "8"}, "Select a valid choice"),
        ({"lasts": "0"}, "Select a valid choice"),
        ({"reason": "  "}, "This field is required"),
        ({"reason": "x" * 301}, "at most 300 characters"),
    ],
)
def test_R20_bad_input_names_the_field_and_keeps_what_was_typed(
    world: World, agent: Client, changed: dict[str, str], says: str
) -> None:
    answer = activate(agent, world, **changed)
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert 'value="C-7"' in answer.content.decode()
    assert not Activation.objects.exists()


def test_R20_the_customer_approves_or_rejects_on_its_page(world: World, agent: Client) -> None:
    approved_by(world, Approval.CUSTOMER)
    activate(agent, world)
    made = Activation.objects.get()
    assert page(agent, world).status_code == 403
    assert "waits for approval" in main_text_of(page(agent, world, "reseller_customer"))
    admin = signed_in(world.admin.user)
    assert REASON in main_text_of(page(admin, world, "activations"))
    assert "asks to be let in" in main_text_of(page(admin, world, "reseller_access"))
    admin.post(url_of("activation_approve", world.customer, activation_id=made.pk))
    assert page(agent, world).status_code == 302  # enter first: no reason is asked again
    assert "Reason" not in main_text_of(page(agent, world, "enter_console"))
    agent.post(url_of("enter_console", world.customer))
    assert page(agent, world).status_code == 200
    admin.post(url_of("activation_end", world.customer, number=made.pk))
    assert page(agent, world).status_code == 403
    assert "Ended by the customer" in main_text_of(page(admin, world, "activations"))


def test_R20_a_rejection_needs_a_reason_that_the_agent_reads(world: World, agent: Client) -> None:
    approved_by(world, Approval.CUSTOMER)
    activate(agent, world)
    made = Activation.objects.get()
    admin, url = signed_in(world.admin.user), url_of("activation_reject", world.customer, activation_id=made.pk)
    assert admin.post(url, {"reason": ""}).status_code == 422
    assert admin.post(url, {"reason": "Ask Ana first"}).status_code == 302
    assert "Ask Ana first" in main_text_of(page(agent, world, "reseller_activate"))


def test_R20_a_reseller_admin_approves_for_others_and_never_for_oneself(world: World, agent: Client) -> None:
    approved_by(world, Approval.RESELLER)
    boss = make_person(world.reseller, Role.RESELLER_ADMIN)
    client = signed_in(boss)
    activate(agent, world)
    activate(client, world, reason="My own work")
    theirs = Activation.objects.get(agent=world.agent)
    listed = main_text_of(client.get(url_of_list()))
    assert REASON in listed
    assert "My own work" not in listed
    own = Activation.objects.get(agent=boss)
    assert client.post(f"{url_of_list()}{own.pk}/approve/").status_code == 404
    client.post(f"{url_of_list()}{theirs.pk}/approve/")
    assert Activation.objects.get(agent=world.agent).status == ActivationStatus.BEGUN


def url_of_list() -> str:
    return "/reseller/activations/"


def test_R20_with_cases_standing_a_closed_page_offers_to_activate(world: World) -> None:
    put_on_request(world, Standing.CASES)
    agent = signed_in(world.agent)
    agent.post(url_of("enter_console", world.customer))
    assert page(agent, world, "support_cases").status_code == 200
    closed = page(agent, world, "users")
    assert closed.status_code == 403
    assert "Activate access" in text_of(closed)
    activate(agent, world)
    assert page(agent, world, "users").status_code == 200


def test_R20_a_stranger_learns_nothing(world: World, agent: Client) -> None:
    other = make_world()
    made = activated(world)
    strangers: list[User] = [other.agent, other.admin.user, make_person(other.reseller, Role.RESELLER_ADMIN)]
    for person in strangers:
        client = signed_in(person)
        for name, arguments in (
            ("activations", {}),
            ("activation_approve", {"activation_id": made.pk}),
            ("activation_end", {"number": made.pk}),
            ("reseller_activate", {}),
            ("reseller_activation_end", {"number": made.pk}),
        ):
            url = url_of(name, world.customer, **arguments)
            assert client.post(url).status_code in (404, 405), (person, name)
    admin = signed_in(other.admin.user)
    assert admin.post(url_of("activation_end", other.customer, number=made.pk)).status_code == 404
    assert REASON not in text_of(page(admin, other, "activations"))
    made.refresh_from_db()
    assert not made.ended_because
