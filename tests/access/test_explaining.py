"""R24: the explanation is the check, said in words; and it says nothing of strangers."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import organisations
from accounts.authorisation import explain
from accounts.directory import people
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.models.level import Level
from tests.access.boxes import console, save
from tests.access.narrowing import open_as_far_as, settle
from tests.access.world import World
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import fresh, make_person, put_person
from tests.web.console.access_page import url_of


def first_no(world: World, permission: Permission = Permission.RESET_PASSWORDS) -> str:
    why = explain(fresh(world.agent), permission, world.customer)
    assert why.allowed == fresh(world.agent).has_perm(permission, world.customer)
    return why.first_no.text if why.first_no else ""


def test_R24_the_first_fact_that_fails_is_named(world: World) -> None:
    assert first_no(world) == ""
    assert "it is for the customer\u2019s own admins" in first_no(world, Permission.VIEW_BILLING).replace("'", "\u2019")
    open_as_far_as(world, Level.VIEW)
    settle()
    assert first_no(world) == "The level of access does not open it: View only."
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert first_no(world) == "Access is not in force."
    organisations.suspend_reseller(actor=None, reseller=world.reseller)
    assert first_no(world) == "The vendor has suspended their organisation."
    people.suspend_user(actor=None, person=world.agent)
    assert first_no(world) == "Their account is suspended or deleted."


def test_R24_of_two_ways_the_one_that_gets_furthest_is_told(world: World) -> None:
    support = put_person(world.reseller, Role.SUPPORT_AGENT)
    why = explain(support, Permission.VIEW_CASES, world.customer)
    assert why.allowed
    assert "They work on its support cases" in why.facts[0].text
    save(world, console(world, False))
    settle()
    assert not explain(fresh(support), Permission.VIEW_CASES, world.customer).allowed


def test_R24_the_page_answers_for_people_whom_the_customer_knows_and_for_no_others(
    world: World, stranger: World
) -> None:
    agent = make_person(world.reseller, Role.RESELLER_ADMIN)
    own, strange = make_person(world.customer, Role.SUPER_ADMIN), make_person(stranger.customer, Role.SUPER_ADMIN)
    admin, url = signed_in(own), url_of(world.customer, "who_has_access")

    def asked(email: str, permission: Permission) -> str:
        return text(admin.get(url, {"person": email, "deed": permission.value}))

    said = asked(agent.email, Permission.RESET_PASSWORDS)
    assert "Yes" in said
    assert "They work for this customer." in said
    assert "No access from outside opens it" in asked(agent.email, Permission.VIEW_BILLING)
    assert "A role of theirs allows it." in asked(own.email, Permission.VIEW_BILLING)
    nobody = asked("nobody@nowhere.example", Permission.VIEW_USERS)
    for person in (make_person(stranger.reseller, Role.RESELLER_ADMIN), strange):
        assert asked(person.email, Permission.VIEW_USERS).replace(person.email, "") == nobody.replace(
            "nobody@nowhere.example", ""
        )
    assert "may they" in text(admin.get(url, {"person": "", "deed": "x"})).lower()


def test_R24_who_is_kept_out_reads_why(world: World) -> None:
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    answer = signed_in(world.agent).get(url_of(world.customer, "console_home"))
    assert answer.status_code == 403
    assert "Access is not in force." in text(answer)


def test_R24_the_command_says_why(world: World) -> None:
    agent = make_person(world.reseller, Role.RESELLER_ADMIN)
    out = StringIO()
    call_command("explain_access", agent.email, "manage_users", world.customer.primary_domain, stdout=out)
    assert out.getvalue().startswith("Yes.\n+ Their account is active.")
    out = StringIO()
    call_command("explain_access", agent.email, "view_billing", world.customer.primary_domain, stdout=out)
    assert out.getvalue().startswith("No.")
    with pytest.raises(CommandError):
        call_command("explain_access", agent.email, "everything", world.customer.primary_domain)
