"""What an agent may see: whole visible sets, and the forms of one rule that must agree (P4, B3, R3, R13)."""

from __future__ import annotations

from itertools import product

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StoredPermission
from django.db import connection
from django.http import Http404

from accounts.models import Customer, CustomerTeam, Team, User
from accounts.models.staffing import staffed_sql
from accounts.organisations import VENDOR
from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS, Role
from subscriptions.access.customers_page import customers_page
from subscriptions.access.scope import (
    access_relation,
    relations_of,
    sold_subscriptions,
    subscriptions_in_console,
)
from subscriptions.models import AccessGrant
from tests.access.boxes import console, own, save
from tests.access.world import World, assign, grant, may_enter, propagate, sell, visible, wish
from tests.factories import fresh, put_customer, put_person, put_reseller


def assign_to_team(agent: User, customer: Customer) -> None:
    assert agent.reseller is not None
    group = Group.objects.create(name=f"team of {agent.pk} for {customer.pk}")
    Team.objects.create(reseller=agent.reseller, name=group.name, group=group)
    agent.groups.add(group)
    right = StoredPermission.objects.get(codename="work_for_customer")
    CustomerTeam.objects.create(group=group, content_object=customer, permission=right)


def by_sql(agent: User) -> set[int]:
    """The relations that `staffed_sql` lets this person see."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT g.id FROM subscriptions_accessgrant g JOIN accounts_user u ON u.reseller_id = g.reseller_id"
            f" WHERE u.id = %s AND g.subscription_id IS NULL AND {staffed_sql('g.customer_id', 'u.id')}",
            [agent.pk],
        )
        return {pk for (pk,) in cursor.fetchall()}


@pytest.mark.parametrize(
    "roles",
    [
        (),
        *((role,) for role in Role),
        (Role.RESELLER_AGENT, Role.RESELLER_ADMIN),
        (Role.SUPPORT_AGENT, Role.RESELLER_AGENT),
    ],
)
@pytest.mark.parametrize("staffing", ["nobody", "agent", "team", "both", "another reseller's customer"])
def test_P4_the_forms_of_who_works_for_whom_agree(
    world: World, stranger: World, roles: tuple[Role, ...], staffing: str
) -> None:
    sell(put_customer(), world.reseller)  # nobody is assigned to this one
    agent = put_person(world.reseller, *roles)
    if staffing in ("agent", "both"):
        assign(agent, world.customer)
    if staffing in ("team", "both"):
        assign_to_team(agent, world.customer)
    if staffing == "another reseller's customer":
        assign(agent, stranger.customer)
    relations = set(relations_of(agent).values_list("pk", flat=True))
    everyone = set(AccessGrant.objects.filter(reseller=world.reseller).values_list("pk", flat=True))
    expected = set()
    if {*roles} & {Role.RESELLER_ADMIN, Role.INDIRECT_RESELLER_ADMIN}:
        expected = everyone
    elif Role.RESELLER_AGENT in roles and staffing in ("agent", "team", "both"):
        expected = {world.console().pk}
    assert relations == expected
    assert by_sql(agent) == expected
    assert {row.key[1] for row in customers_page(agent).rows} == expected
    known = {c.pk for c in Customer.objects.all() if fresh(agent).has_perm(Permission.KNOW_CUSTOMER, c)}
    assert known == {AccessGrant.objects.get(pk=pk).customer_id for pk in expected}


def test_whole_visible_sets_of_everybody(world: World, stranger: World) -> None:
    """Two resellers at one customer, each sees what it sold and what is opened to it; strangers see nothing."""
    other = put_reseller()
    other_agent = put_person(other, Role.RESELLER_ADMIN)
    from_other = sell(world.customer, other, "Google-Vault")
    second = sell(world.customer, None, "1010470001")
    propagate()
    save(world, own(world, True), wish(world.customer, other, True, second))
    propagate()
    seen = {
        (name, customer.pk): visible(person, customer)
        for (name, person), customer in product(
            {
                "agent": world.agent,
                "other": other_agent,
                "stranger": stranger.agent,
                "support": put_person(world.reseller, Role.SUPPORT_AGENT),
                "vendor": put_person(VENDOR, Role.VENDOR_OPERATOR),
                "strange admin": stranger.admin.user,
                "admin": world.admin.user,
            }.items(),
            (world.customer, stranger.customer),
        )
    }
    here, there = world.customer.pk, stranger.customer.pk
    expected: dict[tuple[str, int], set[int]] = {key: set() for key in seen}
    expected["agent", here] = {world.sold.pk, world.own.pk}
    expected["other", here] = {from_other.pk, second.pk}
    expected["stranger", there] = {stranger.sold.pk}
    expected["strange admin", there] = {stranger.sold.pk, stranger.own.pk}
    expected["admin", here] = {world.sold.pk, world.own.pk, from_other.pk, second.pk}
    assert seen == expected


def test_B3_what_was_sold_stays_in_the_resellers_own_pages(world: World) -> None:
    save(world, console(world, False))
    propagate()
    relation = access_relation(fresh(world.agent), world.customer.primary_domain)
    assert list(sold_subscriptions(relation)) == [world.sold]
    assert list(subscriptions_in_console(fresh(world.agent), world.customer)) == []


def test_a_strangers_relation_is_absent(world: World, stranger: World) -> None:
    for domain in (stranger.customer.primary_domain, "nowhere.example", ""):
        with pytest.raises(Http404):
            access_relation(fresh(world.agent), domain)


def test_R14_the_permissions_of_an_agent_are_these_and_no_others(world: World) -> None:
    permissions = fresh(world.agent).get_all_permissions(world.customer)
    assert permissions == {Permission.KNOW_CUSTOMER, *AGENT_PERMISSIONS}
    assert Permission.VIEW_RESELLER_ACCESS not in permissions
    save(world, console(world, False))
    propagate()
    assert fresh(world.agent).get_all_permissions(world.customer) == {Permission.KNOW_CUSTOMER}


def test_nobody_has_a_right_on_no_customer(world: World) -> None:
    assert fresh(world.agent).get_all_permissions() == set()
    assert fresh(world.admin.user).get_all_permissions() == set()
    assert not may_enter(put_person(world.reseller), world.customer)


def test_R3_a_grant_of_another_reseller_opens_nothing(world: World) -> None:
    other = put_reseller()
    agent = put_person(other, Role.RESELLER_ADMIN)
    from_other = sell(world.customer, other, "Google-Vault")
    save(world, own(world, True))
    propagate()
    assert grant(world.customer, other).allowed
    assert visible(agent, world.customer) == {from_other.pk}
