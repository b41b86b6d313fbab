"""The pages of support partners: who opens them, what they say, and both ways to assign (S2, S3, S5, S7, S9)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer, User
from accounts.organisations import suspend_reseller
from accounts.roles import Role
from support.models import SupportAssignment
from support.partners import MAILS_AT_MOST, remove_support_partner
from tests.cast import Cast
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import make_person, make_reseller
from tests.support.world import CLOUD, WORKSPACE, acting, active, ask, move, open_console, status, token_sent

PAGES = ("support_home", "support_partners", "support_contracts", "support_contract_new")


def statuses(person: User, customer: Customer) -> dict[str, int]:
    client = signed_in(person)
    found = {name: client.get(url(name, customer)).status_code for name in PAGES}
    assign = client.get(url("support_partner_assign", customer, service="google_cloud"))
    return {**found, "assign": assign.status_code}


def test_S2_who_opens_which_page_before_the_move(cast: Cast) -> None:
    acme = cast.acme.customer
    helper = make_person(acme, Role.SUPPORT)
    managing = dict.fromkeys(["support_home", "support_partners", "support_contracts", "assign"], 200)
    managing["support_contract_new"] = 302
    for person in (cast.acme.support_manager, cast.acme.super_admin):
        assert statuses(person, acme) == managing
    no = dict.fromkeys(managing, 403)
    assert statuses(helper, acme) == no | {"support_home": 200, "support_contracts": 200}
    assert statuses(cast.acme.auditor, acme) == no | {"support_home": 200}
    assert statuses(cast.acme.nobody, acme) == no
    for stranger in (cast.globex.super_admin, cast.resale_one.admin, cast.operator):
        assert statuses(stranger, acme) == dict.fromkeys(managing, 404)


def test_S9_after_the_move_the_support_center_leads_to_the_contracts(cast: Cast) -> None:
    acme = cast.acme.customer
    manager, helper = cast.acme.support_manager, make_person(acme, Role.SUPPORT)
    move(acme)
    for person in (manager, helper, cast.acme.super_admin):
        response = signed_in(person).get(url("support_partners", acme))
        assert (response.status_code, response["Location"]) == (302, url("support_contracts", acme))
        assert signed_in(person).get(response["Location"]).status_code == 200
    assert statuses(cast.acme.super_admin, acme)["support_contract_new"] == 200
    assert statuses(helper, acme)["support_contract_new"] == 403
    assert statuses(cast.acme.auditor, acme)["support_partners"] == 403
    for stranger in (cast.globex.super_admin, cast.resale_one.admin):
        assert set(statuses(stranger, acme).values()) == {404}


def test_R14_an_agent_in_the_console_opens_neither_partners_nor_contracts(cast: Cast) -> None:
    open_console(cast)
    acme = cast.acme.customer
    client = signed_in(cast.resale_one.admin)
    client.post(reverse("enter_console", kwargs={"domain": acme.primary_domain}))
    found = {name: client.get(url(name, acme)).status_code for name in PAGES}
    assert found == dict.fromkeys(PAGES, 403) | {"support_home": 200}


def test_S1_the_page_has_a_card_for_each_service_with_its_partner_and_state(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    ask(cast.acme, cast.resale_two, CLOUD)
    said = text(signed_in(cast.acme.support_manager).get(url("support_partners", cast.acme.customer)))
    services = ["Google Workspace", "Google Cloud", "Chrome Enterprise", "Google Voice"]
    assert [re.findall(service, said) != [] for service in services] == [True] * 4
    assert re.search(r"Google Workspace Active .*Resale One .*Remove partner", said)
    assert re.search(r"Google Cloud Waiting for the verifier .*Resale Two Verifier xavier@resale-two.example", said)
    assert said.count("Assign support partner") == 2
    assert "finds none in its lists and searches, opens no attachment and gets no mail" in said


def test_S5_the_page_and_the_form_say_who_needs_no_assignment(cast: Cast) -> None:
    client = signed_in(cast.acme.support_manager)
    page, form = (
        url("support_partners", cast.acme.customer),
        url("support_partner_assign", cast.acme.customer, service=WORKSPACE.value),
    )
    chosen = {"partner": cast.resale_one.reseller.public_id}
    assert "need no assignment" not in text(client.get(page))
    assert "needs no assignment" not in text(client.get(form, chosen))
    open_console(cast)
    assert re.search("These resellers need no assignment .* Resale One", text(client.get(page)))
    found = text(client.get(form, chosen))
    assert "Resale One has access to your console, and with it supports you already" in found
    assert "Assign anyway" in found and "Assign anyway" not in text(client.get(form))
    assert "needs no assignment" not in text(client.get(form, {"partner": cast.resale_two.reseller.public_id}))


def test_S3_look_up_fills_the_partner_in_and_assign_asks_the_verifier(cast: Cast) -> None:
    reseller = cast.resale_one.reseller
    reseller.postal_address = "1 Harbour Street\nOstend"
    reseller.save(update_fields=["postal_address"])
    client = signed_in(cast.acme.support_manager)
    form = url("support_partner_assign", cast.acme.customer, service=WORKSPACE.value)
    assert "Resale One" not in text(client.get(form))
    typed = {"verifier_email": "sam@resale-one.example"}
    found = client.post(form, typed | {"step": "look_up"})
    assert re.search("Support partner Resale One Postal address 1 Harbour Street Ostend", text(found))
    partner = re.search(r'name="partner" value="(\w+)"', found.content.decode())
    assert partner
    assert not SupportAssignment.objects.exists()
    done = client.post(form, typed | {"step": "assign", "partner": partner[1]}, follow=True)
    assert "Assigned. Resale One handles your support for Google Workspace once" in text(done)
    assert SupportAssignment.objects.get().verifier == cast.resale_one.support_agent


def test_S3_assign_without_a_partner_looks_it_up_first(cast: Cast) -> None:
    form = url("support_partner_assign", cast.acme.customer, service=WORKSPACE.value)
    typed = {"verifier_email": "sam@resale-one.example", "step": "assign", "partner": ""}
    assert "Check the partner" in text(signed_in(cast.acme.support_manager).post(form, typed))
    assert not SupportAssignment.objects.exists()


def test_S3_a_partner_is_found_by_name_with_its_address_then_the_verifier_is_typed(cast: Cast) -> None:
    other = make_reseller("Élan Résale")
    suspend_reseller(actor=None, reseller=make_reseller("Suspended Resale"))
    client = signed_in(cast.acme.support_manager)
    form = url("support_partner_assign", cast.acme.customer, service=WORKSPACE.value)
    found = client.get(form, {"q": "RESALE"})
    assert re.findall(r'name="choose" value="(\w+)"', found.content.decode()) == [
        other.public_id,
        cast.resale_one.reseller.public_id,
        cast.resale_two.reseller.public_id,
    ]
    assert "No partner has this in its name" in text(client.get(form, {"q": "nobody like that"}))
    assert "No partner has this in its name" in text(client.get(form, {"q": "%%"}))
    chosen = client.get(form, {"partner": cast.resale_one.reseller.public_id})
    assert "Support partner Resale One Postal address" in text(chosen)
    typed = {"verifier_email": "half@", "choose": cast.resale_one.reseller.public_id}
    kept = client.post(form, typed)
    assert "Support partner Resale One Postal address" in text(kept)
    assert 'value="half@"' in kept.content.decode(), "choosing empties nothing"
    body = {"partner": cast.resale_one.reseller.public_id, "step": "assign"}
    wrong = client.post(form, body | {"verifier_email": "xavier@resale-two.example"})
    assert wrong.status_code == 422
    assert "Nobody with this address can confirm for this partner" in text(wrong)
    assert 'value="xavier@resale-two.example"' in wrong.content.decode()
    client.post(form, body | {"verifier_email": "sam@resale-one.example"})
    assert SupportAssignment.objects.get().reseller == cast.resale_one.reseller


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 300 + "@a.example"])
def test_an_address_that_is_none_names_the_field_and_keeps_what_was_typed(cast: Cast, typed: str) -> None:
    form = url("support_partner_assign", cast.acme.customer, service=WORKSPACE.value)
    response = signed_in(cast.acme.support_manager).post(form, {"verifier_email": typed, "step": "look_up"})
    assert response.status_code == 422
    assert 'id="id_verifier_email_error"' in response.content.decode()


def test_an_unknown_service_is_not_found_and_a_taken_one_leads_back(cast: Cast) -> None:
    client = signed_in(cast.acme.support_manager)
    assert client.get(url("support_partner_assign", cast.acme.customer, service="gmail")).status_code == 404
    ask(cast.acme, cast.resale_one)
    response = client.get(url("support_partner_assign", cast.acme.customer, service=WORKSPACE.value), follow=True)
    assert "This service has a support partner. Remove it first." in text(response)


def test_the_buttons_act_by_post_only(cast: Cast) -> None:
    assignment, asked = active(cast.acme, cast.resale_one), ask(cast.acme, cast.resale_two, CLOUD)
    client = signed_in(cast.acme.support_manager)
    acme = cast.acme.customer
    remove = url("support_partner_remove", acme, assignment_id=assignment.pk)
    withdraw = url("support_partner_withdraw", acme, assignment_id=asked.pk)
    resend = url("support_partner_resend", acme, assignment_id=asked.pk)
    for address in (remove, withdraw, resend):
        assert client.get(address).status_code == 302
    assert (status(assignment), status(asked)) == ("active", "pending")
    for _ in range(MAILS_AT_MOST - 1):
        assert "A new mail is on its way" in text(client.post(resend, follow=True))
    assert "as often as is allowed" in text(client.post(resend, follow=True))
    assert "Send the mail again" not in text(client.get(url("support_partners", acme)))
    assert "Withdrawn." in text(client.post(withdraw, follow=True))
    assert "settled already" in text(client.post(withdraw, follow=True))
    assert "Removed." in text(client.post(remove, follow=True))
    assert (status(assignment), status(asked)) == ("removed", "withdrawn")
    stranger = signed_in(cast.globex.support_manager)
    assert stranger.post(remove).status_code == 404


def test_S4_the_verifier_sees_who_asks_for_what_and_looking_consumes_nothing(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    token = token_sent()
    page = reverse("support_verify", kwargs={"token": token})
    assert Client().get(page)["Location"].startswith("/accounts/login/")
    client = signed_in(cast.resale_one.support_agent)
    for _ in range(2):
        said = text(client.get(page))
        assert "Acme asks for your support" in said
        assert "Bob (bob@acme.example)" in said
        assert "Google Workspace" in said
    assert client.head(page).status_code == 200
    assert client.post(page, {"decision": "maybe"}).status_code == 200
    assert status(assignment) == "pending"
    done = client.post(page, {"decision": "confirm"}, follow=True)
    assert "Confirmed. You handle support for Acme now." in text(done)
    assert status(assignment) == "active"
    assert client.get(page).status_code == 410


def test_S4_declining_is_a_post_too(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    page = reverse("support_verify", kwargs={"token": token_sent()})
    response = signed_in(cast.resale_one.support_agent).post(page, {"decision": "decline"}, follow=True)
    assert "Declined." in text(response)
    assert status(assignment) == "declined"


def test_S4_another_person_is_told_so_and_learns_nothing_of_the_request(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    page = reverse("support_verify", kwargs={"token": token_sent()})
    for other in (cast.resale_one.admin, cast.resale_two.support_agent, cast.globex.super_admin, cast.operator):
        client = signed_in(other)
        for response in (client.get(page), client.post(page, {"decision": "confirm"})):
            assert response.status_code == 403
            said = text(response)
            assert "This link is for another person" in said
            assert other.email in said
            assert not re.search("Acme|sam@|Google Workspace", said)
    assert status(assignment) == "pending"
    wrong = signed_in(cast.resale_one.support_agent).get(reverse("support_verify", kwargs={"token": "x" * 43}))
    assert (wrong.status_code, "does not work any more" in text(wrong)) == (410, True)


def test_the_reseller_lists_its_requests_and_relations_and_no_other_s(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    ask(cast.globex, cast.resale_one, CLOUD)
    ask(cast.globex, cast.resale_two)
    for person in (cast.resale_one.admin, cast.resale_one.support_agent):
        said = text(signed_in(person).get(reverse("reseller_support")))
        waiting = r"Globex .*Google Cloud Asked by .*, today \d\d:\d\d *Waiting for the verifier"
        assert re.search(waiting + " .*Acme .*Google Workspace Active", said)
        assert said.count("globex.example") == 1
    assert signed_in(cast.resale_one.agent).get(reverse("reseller_support")).status_code == 403
    assert signed_in(cast.acme.super_admin).get(reverse("reseller_support")).status_code == 404


def test_a_support_agent_s_home_is_the_page_of_support(cast: Cast) -> None:
    response = signed_in(cast.resale_one.support_agent).get("/")
    assert response["Location"] == reverse("reseller_support")


def test_S9_contracts_are_listed_one_by_one_and_a_new_one_needs_no_approval(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    acme = cast.acme.customer
    move(acme)
    client = signed_in(cast.acme.super_admin)
    new = url("support_contract_new", acme)
    assert "Resale Two" in text(client.get(new, {"q": "two"}))
    body = {"partner": cast.resale_two.reseller.public_id, "service": WORKSPACE.value}
    assert "Add contract" in text(client.get(new, body))
    done = client.post(new, body, follow=True)
    assert "Added. Resale Two handles your support for Google Workspace from now on." in text(done)
    assert "Google Workspace: Resale One" in text(done)
    assert "Google Workspace: Resale Two" in text(done)
    again = client.post(new, body)
    assert (again.status_code, "There is a contract with this partner" in text(again)) == (422, True)
    assert client.post(new, {"service": WORKSPACE.value}).status_code == 422
    assert client.post(new, body | {"service": "gmail"}).status_code == 422


def test_S9_a_support_only_partner_enters_the_console_and_leaves_it(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    acme = cast.acme.customer
    client = signed_in(cast.resale_one.admin)
    enter = reverse("enter_console", kwargs={"domain": acme.primary_domain})
    assert client.get(enter).status_code == 404
    move(acme)
    assert "You are about to work in the admin console of Acme, for Resale One" in text(client.get(enter))
    assert client.post(enter)["Location"] == url("console_home", acme)
    home = client.get(url("console_home", acme))
    assert home.status_code == 200
    assert client.get(url("subscriptions", acme)).status_code == 403
    left = client.post(reverse("leave_console", kwargs={"domain": acme.primary_domain}), follow=True)
    assert "You have left the console of Acme" in text(left)
    client.post(enter)
    [contract] = SupportAssignment.objects.all()
    remove_support_partner(actor=acting(cast.acme.super_admin), customer=acme, assignment_id=contract.pk)
    assert client.get(url("console_home", acme)).status_code == 404


def test_the_page_costs_the_same_for_no_partner_and_for_four(cast: Cast) -> None:
    client = signed_in(cast.acme.support_manager)
    page = url("support_partners", cast.acme.customer)
    client.get(page)
    numbers = []
    for fill in (False, True):
        if fill:
            active(cast.acme, cast.resale_one)
            ask(cast.acme, cast.resale_two, CLOUD)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
