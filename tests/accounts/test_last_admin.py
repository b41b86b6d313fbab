"""The last super admin of a customer and the last reseller admin stay, also with two at once (P7, P11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import Reseller, User
from accounts.roles import Role
from tests.cast import Cast
from tests.factories import fresh, make_customer, make_person, make_reseller, super_admins
from tests.races import at_once

pytestmark = pytest.mark.django_db


def reseller_admins(reseller: Reseller) -> list[User]:
    return list(User.objects.filter(reseller=reseller, is_active=True, role_assignments__role=Role.RESELLER_ADMIN))


@pytest.mark.parametrize(
    "take_away",
    [
        lambda person: people.suspend_user(actor=None, person=person),
        lambda person: people.unassign_role(actor=None, person=person, role=Role.SUPER_ADMIN),
    ],
    ids=["suspend", "unassign"],
)
def test_P7_the_last_active_super_admin_cannot_be_taken_away(take_away: Callable[[User], None], cast: Cast) -> None:
    suspended = make_person(cast.acme.customer, Role.SUPER_ADMIN, name="Away")
    take_away(suspended)
    with pytest.raises(Refused) as refused:
        take_away(cast.acme.super_admin)
    assert "last active super admin" in str(refused.value.message)
    assert super_admins(cast.acme.customer) == 1
    make_person(cast.acme.customer, Role.SUPER_ADMIN, name="Anne")
    take_away(cast.acme.super_admin)
    assert super_admins(cast.acme.customer) == 1


@pytest.mark.django_db(transaction=True)
def test_P7_two_at_once_cannot_take_the_last_two_super_admins_away() -> None:
    customer = make_customer()
    ana, bea = (make_person(customer, Role.SUPER_ADMIN, name=name) for name in ("Ana", "Bea"))
    for attempt in range(40):
        suspend = attempt % 2 == 0

        def take_away(person: User, suspend: bool = suspend) -> None:
            if suspend:
                people.suspend_user(actor=None, person=person)
            else:
                people.unassign_role(actor=None, person=person, role=Role.SUPER_ADMIN)

        raised = at_once(lambda: take_away(ana), lambda: take_away(bea))
        assert super_admins(customer) == 1, f"attempt {attempt}: {raised}"
        assert sum(isinstance(error, Refused) for error in raised) == 1
        for person in (ana, bea):
            people.unsuspend_user(actor=None, person=person)
            people.assign_role(actor=None, person=person, role=Role.SUPER_ADMIN)


@pytest.mark.django_db(transaction=True)
def test_P7_two_super_admins_suspending_each_other_leave_one() -> None:
    customer = make_customer()
    ana, bea = (make_person(customer, Role.SUPER_ADMIN, name=name) for name in ("Ana", "Bea"))
    for _ in range(20):
        raised = at_once(
            lambda: people.suspend_user(actor=Actor(ana), person=bea),
            lambda: people.suspend_user(actor=Actor(bea), person=ana),
        )
        assert super_admins(customer) == 1
        assert [type(error) for error in raised if error] == [PermissionDenied]
        for person in (ana, bea):
            people.unsuspend_user(actor=None, person=person)


@pytest.mark.parametrize("by", ["the system", "an operator", "themselves"])
@pytest.mark.parametrize("way", ["suspend", "unassign", "other roles"])
def test_P11_the_last_active_reseller_admin_cannot_be_taken_away(way: str, by: str, cast: Cast) -> None:
    def take_away(person: User) -> None:
        who = {"the system": None, "an operator": Actor(cast.operator), "themselves": Actor(cast.resale_one.admin)}[by]
        if way == "suspend":
            people.suspend_user(actor=who, person=person)
        elif way == "unassign":
            people.unassign_role(actor=who, person=person, role=Role.RESELLER_ADMIN)
        else:
            people.change_roles(actor=who, person=person, roles={Role.RESELLER_AGENT})

    away = make_person(cast.resale_one.reseller, Role.RESELLER_ADMIN, name="Away")
    take_away(away)
    with pytest.raises(Refused) as refused:
        take_away(cast.resale_one.admin)
    if (way, by) != ("suspend", "themselves"):
        assert "last active reseller admin" in str(refused.value.message)
    assert reseller_admins(cast.resale_one.reseller) == [cast.resale_one.admin]
    assert fresh(cast.resale_one.admin).roles == {Role.RESELLER_ADMIN}
    other = make_person(cast.resale_one.reseller, Role.RESELLER_ADMIN, name="Anne")
    if by != "themselves":
        take_away(cast.resale_one.admin)
        assert reseller_admins(cast.resale_one.reseller) == [other]


def test_P11_the_last_reseller_admin_stays_on_the_pages_and_in_commands(cast: Cast) -> None:
    alone, client = cast.resale_two.admin, Client()
    client.force_login(alone, backend="accounts.backends.SignInBackend")
    client.post(reverse("reseller_agent_suspend", args=[alone.pk]))
    client.post(reverse("reseller_agent_roles", args=[alone.pk]), {"roles": [Role.RESELLER_AGENT]})
    for command in (["suspend_user", alone.email], ["unassign_role", alone.email, Role.RESELLER_ADMIN]):
        with pytest.raises(CommandError, match="last active reseller admin"):
            call_command(*command)
    assert reseller_admins(cast.resale_two.reseller) == [alone]


@pytest.mark.django_db(transaction=True)
def test_P11_two_at_once_cannot_take_the_last_two_reseller_admins_away() -> None:
    reseller = make_reseller()
    ana, bea = (make_person(reseller, Role.RESELLER_ADMIN, name=name) for name in ("Ana", "Bea"))

    def demote(person: User) -> None:
        people.unassign_role(actor=None, person=person, role=Role.RESELLER_ADMIN)

    for attempt in range(20):
        raised = at_once(lambda: people.suspend_user(actor=None, person=ana), lambda: demote(bea))
        assert len(reseller_admins(reseller)) == 1, f"attempt {attempt}: {raised}"
        assert sum(isinstance(error, Refused) for error in raised) == 1
        people.unsuspend_user(actor=None, person=ana)
        people.assign_role(actor=None, person=bea, role=Role.RESELLER_ADMIN)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("suspend", [True, False])
def test_two_admins_of_a_reseller_taking_each_other_away_leave_one(suspend: bool) -> None:
    reseller = make_reseller()
    ana, bea = (make_person(reseller, Role.RESELLER_ADMIN, name=name) for name in ("Ana", "Bea"))
    admins = User.objects.filter(is_active=True, role_assignments__role=Role.RESELLER_ADMIN)

    def take_away(actor: User, person: User) -> None:
        if suspend:
            people.suspend_user(actor=Actor(actor), person=person)
        else:
            people.unassign_role(actor=Actor(actor), person=person, role=Role.RESELLER_ADMIN)

    for _ in range(20):
        raised = at_once(lambda: take_away(ana, bea), lambda: take_away(bea, ana))
        assert admins.count() == 1
        assert [type(error) for error in raised if error] == [PermissionDenied]
        for person in (ana, bea):
            people.unsuspend_user(actor=None, person=person)
            people.assign_role(actor=None, person=person, role=Role.RESELLER_ADMIN)
