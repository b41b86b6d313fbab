"""A team that works for all customers of its reseller, by a flag in place of rows (P4, P8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts import staffing
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Activation, AuditEvent, CustomerTeam, Reseller, Team, User
from accounts.models.activations import ActivationStatus, Approval
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.access.customers_page import customers_page
from subscriptions.access.scope import asking_relations_of, relations_of, sales_relations_of, subscriptions_sold_by
from subscriptions.models import AccessGrant
from subscriptions.models.standing import Standing
from subscriptions.reseller_figures import access_figures
from tests.cast import Cast
from tests.client import rows_of, signed_in
from tests.factories import fresh, make_customer, make_person, make_team
from tests.web.reseller.staff_world import sell


def world_of_three(cast: Cast) -> None:
    """Resale One has three customers, Resale Two one; all consoles are open."""
    for name in ("Beta", "Gamma"):
        sell(make_customer(name), cast.resale_one.reseller)
    propagation.apply_due_changes()


def customers_seen(person: User) -> dict[str, set[str]]:
    """The customers that each scope shows to a person, in every way there is to ask."""
    person = fresh(person)
    return {
        "relations": set(relations_of(person).values_list("customer_name", flat=True)),
        "sales": set(sales_relations_of(person).values_list("customer_name", flat=True)),
        "asking": set(asking_relations_of(person).values_list("customer_name", flat=True)),
        "list": {row.name for row in customers_page(person).rows},
        "sold, few": set(subscriptions_sold_by(person, few=True).values_list("customer__name", flat=True)),
        "sold": set(subscriptions_sold_by(person).values_list("customer__name", flat=True)),
    }


@pytest.fixture
def member(cast: Cast, rita: Client) -> User:
    """An agent of Resale One whose only team works for all customers."""
    world_of_three(cast)
    person = make_person(cast.resale_one.reseller, Role.RESELLER_AGENT, name="Mina")
    team = make_team(cast.resale_one.reseller, person, name="All hands")
    rita.post(reverse("reseller_team_for_all", args=[team.pk]), {"customers": "all"})
    return person


def team_of(person: User) -> Team:
    return staffing.teams_of(person).get()


def test_P4_members_see_what_an_admin_sees_and_nothing_of_another_reseller(cast: Cast, member: User) -> None:
    everything = {"Acme", "Beta", "Gamma"}
    assert customers_seen(member) == dict.fromkeys(customers_seen(member), everything)
    assert customers_seen(cast.resale_one.admin) == customers_seen(member)
    assert customers_page(fresh(member)).total == 3
    assert access_figures(fresh(member)).total == 3
    assert fresh(member).has_perm(Permission.VIEW_CONSOLE, cast.acme.customer)
    assert not fresh(member).has_perm(Permission.KNOW_CUSTOMER, cast.globex.customer)
    # No row says so, and colleagues outside the team see what they saw.
    assert not CustomerTeam.objects.filter(group=team_of(member).group_id).exists()
    assert customers_seen(cast.resale_one.agent)["list"] == {"Acme"}
    assert customers_seen(cast.resale_two.agent)["list"] == {"Globex"}


def test_P4_a_customer_to_come_is_theirs_too_and_one_that_left_is_not(cast: Cast, member: User) -> None:
    new = make_customer("Delta")
    assert not fresh(member).has_perm(Permission.KNOW_CUSTOMER, new)
    sell(new, cast.resale_one.reseller)
    propagation.apply_due_changes()
    assert fresh(member).has_perm(Permission.VIEW_CONSOLE, new)
    elsewhere = make_customer("Epsilon")
    sell(elsewhere, cast.resale_two.reseller)
    assert not fresh(member).has_perm(Permission.KNOW_CUSTOMER, elsewhere)


@pytest.mark.parametrize("way", ["flag", "member", "team", "suspended", "role"])
def test_P8_all_of_it_ends_with_the_next_request(way: str, cast: Cast, member: User, rita: Client) -> None:
    team = team_of(member)
    staffing.assign_customers_to_team(actor=None, team=team, customers=[cast.acme.customer])
    browser = signed_in(member)
    beta = reverse("reseller_customer", args=[relations_of(fresh(member)).get(customer_name="Beta").customer_domain])
    assert browser.get(beta).status_code == 200
    ways: dict[str, Callable[[], object]] = {
        "flag": lambda: rita.post(reverse("reseller_team_for_all", args=[team.pk]), {"customers": "listed"}),
        "member": lambda: rita.post(reverse("reseller_team_remove_member", args=[team.pk, member.pk])),
        "team": lambda: rita.post(reverse("reseller_team_delete", args=[team.pk])),
        "suspended": lambda: rita.post(reverse("reseller_agent_suspend", args=[member.pk])),
        "role": lambda: rita.post(reverse("reseller_agent_roles", args=[member.pk]), {"roles": ["support_agent"]}),
    }
    ways[way]()
    assert browser.get(beta).status_code == {"suspended": 302, "role": 403}.get(way, 404)
    left = {"Acme"} if way == "flag" else set()
    assert customers_seen(member)["list"] == left
    assert fresh(member).has_perm(Permission.VIEW_CONSOLE, cast.acme.customer) == bool(left)


def test_R20_activations_end_with_the_flag_and_do_not_come_back_with_it(cast: Cast, member: User) -> None:
    grant = AccessGrant.objects.get(customer=cast.acme.customer, reseller=cast.resale_one.reseller, subscription=None)
    AccessGrant.objects.filter(pk=grant.pk).update(standing=Standing.NOTHING, effective_standing=Standing.NOTHING)
    assert grant.effective_from is not None
    Activation.objects.create(
        customer=cast.acme.customer,
        reseller=cast.resale_one.reseller,
        agent=member,
        window_began=grant.effective_from,
        reason="Printers",
        lasts=timedelta(hours=4),
        approval=Approval.AT_ONCE,
        status=ActivationStatus.BEGUN,
        asked_at=Now(),
        expires_at=Now() + timedelta(days=1),
        effective_from=Now(),
        effective_until=Now() + timedelta(hours=4),
    )
    assert fresh(member).has_perm(Permission.VIEW_CONSOLE, cast.acme.customer)
    staffing.unassign_all_customers(actor=None, team=team_of(member))
    staffing.assign_all_customers(actor=None, team=team_of(member))
    assert fresh(member).has_perm(Permission.KNOW_CUSTOMER, cast.acme.customer)
    assert not fresh(member).has_perm(Permission.VIEW_CONSOLE, cast.acme.customer)


def test_setting_and_clearing_are_recorded_once_each(cast: Cast, member: User) -> None:
    team, rita = team_of(member), Actor(cast.resale_one.admin)
    for _ in range(2):
        staffing.assign_all_customers(actor=rita, team=team)
    for _ in range(2):
        staffing.unassign_all_customers(actor=rita, team=team)
    events = AuditEvent.objects.filter(name__in=["ASSIGN_ALL_CUSTOMERS", "UNASSIGN_ALL_CUSTOMERS"]).order_by("pk")
    assert [(event.name, event.subject, event.customer_id) for event in events] == [
        ("ASSIGN_ALL_CUSTOMERS", "All hands", None),
        ("UNASSIGN_ALL_CUSTOMERS", "All hands", None),
    ]


@pytest.mark.parametrize("who", ["agent", "indirect admin", "stranger", "customer"])
def test_P4_only_an_admin_of_the_reseller_sets_and_clears_the_flag(who: str, cast: Cast, member: User) -> None:
    person = {
        "agent": cast.resale_one.agent,
        "indirect admin": cast.resale_one.indirect_admin,
        "stranger": cast.resale_two.admin,
        "customer": cast.acme.super_admin,
    }[who]
    for verb in (staffing.assign_all_customers, staffing.unassign_all_customers):
        with pytest.raises(PermissionDenied):
            verb(actor=Actor(person), team=team_of(member))
    assert team_of(member).works_for_all


def test_pages_say_that_a_team_works_for_all(cast: Cast, member: User, rita: Client) -> None:
    team = team_of(member)
    page = rita.get(reverse("reseller_team", args=[team.pk])).content.decode()
    assert "works for all customers of" in page
    assert "Only listed customers" in page
    assert ">All<" in rita.get(reverse("reseller_teams")).content.decode()
    person = rita.get(reverse("reseller_agent", args=[member.pk]))
    assert (person.context["total"], person.context["direct"]) == (3, 0)
    listed = rows_of(rita.get(reverse("reseller_agent_customers", args=[member.pk]), {"show": "assigned"}))
    assert [(row.relation.customer_name, row.teams) for row in listed] == [
        ("Acme", ["All hands"]),
        ("Beta", ["All hands"]),
        ("Gamma", ["All hands"]),
    ]
    assert "whatever is listed here" in rita.get(reverse("reseller_team_customers", args=[team.pk])).content.decode()


def test_support_agents_in_such_a_team_get_no_customers(cast: Cast, member: User) -> None:
    only_support = make_person(cast.resale_one.reseller, Role.SUPPORT_AGENT, name="Sue")
    staffing.add_member(actor=None, team=team_of(member), agent=only_support)
    assert not any(customers_seen(only_support).values())
    assert not fresh(only_support).has_perm(Permission.KNOW_CUSTOMER, cast.acme.customer)


def test_P4_a_team_of_another_reseller_takes_no_member_from_here(cast: Cast, member: User) -> None:
    other: Reseller = cast.resale_two.reseller
    team = make_team(other, name="Theirs")
    staffing.assign_all_customers(actor=None, team=team)
    with pytest.raises(Refused, match="does not belong"):
        staffing.add_member(actor=None, team=team, agent=cast.resale_one.agent)
    assert customers_seen(cast.resale_one.agent)["list"] == {"Acme"}
