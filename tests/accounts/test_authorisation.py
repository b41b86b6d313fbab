"""Who an actor is now, and whether they may: asked of the database, whatever the request has read (P4, P5, P8, R13)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.authorisation import authorise_operator, authorise_reseller, person_now
from accounts.models import Reseller, RoleAssignment, User
from accounts.organisations import VENDOR
from accounts.roles import ALL_CUSTOMERS_ROLES, Role
from tests.factories import put_customer, put_person, put_reseller

pytestmark = pytest.mark.django_db


@pytest.fixture
def reseller() -> Reseller:
    return put_reseller()


@pytest.fixture
def admin(reseller: Reseller) -> Actor:
    return Actor(put_person(reseller, Role.RESELLER_ADMIN))


def refused(actor: Actor, reseller_id: int | None = None, *roles: Role) -> bool:
    try:
        authorise_reseller(actor, roles or ALL_CUSTOMERS_ROLES, reseller_id)
    except PermissionDenied as error:
        return str(error) == "Your role does not allow this."
    return False


def test_P4_a_person_acts_for_their_own_reseller_alone(reseller: Reseller, admin: Actor) -> None:
    assert authorise_reseller(admin, ALL_CUSTOMERS_ROLES) == reseller
    assert authorise_reseller(admin, ALL_CUSTOMERS_ROLES, reseller.pk) == reseller
    assert refused(admin, put_reseller().pk)
    assert refused(admin, 0)
    assert refused(Actor(put_person(put_customer(), Role.SUPER_ADMIN)), reseller.pk)
    assert refused(Actor(put_person(VENDOR, Role.VENDOR_OPERATOR)))


@pytest.mark.parametrize("loss", ["role", "suspended", "reseller suspended", "moved"])
def test_P8_what_was_lost_since_the_request_began_counts(reseller: Reseller, admin: Actor, loss: str) -> None:
    assert Role.RESELLER_ADMIN in admin.user.roles  # as the request has read it
    people = User.objects.filter(pk=admin.user.pk)
    if loss == "role":
        RoleAssignment.objects.filter(user=admin.user).delete()
    elif loss == "suspended":
        people.update(is_active=False)
    elif loss == "moved":
        people.update(reseller=put_reseller())
    else:
        Reseller.objects.update(suspended_at=Now())
    assert refused(admin, reseller.pk)


def test_P4_another_role_of_the_reseller_is_not_enough(reseller: Reseller) -> None:
    agent = Actor(put_person(reseller, Role.RESELLER_AGENT))
    assert refused(agent)
    assert not refused(agent, reseller.pk, Role.RESELLER_ADMIN, Role.RESELLER_AGENT)


def test_P5_operators_and_the_system_pass_and_nobody_else(admin: Actor) -> None:
    operator = put_person(VENDOR, Role.VENDOR_OPERATOR)
    authorise_operator(None)
    authorise_operator(Actor(operator))
    User.objects.filter(pk=operator.pk).update(is_active=False)
    for actor in (admin, Actor(put_person(VENDOR, Role.VENDOR_SUPPORT)), Actor(operator)):
        with pytest.raises(PermissionDenied):
            authorise_operator(actor)


def test_P8_somebody_who_left_is_nobody(admin: Actor) -> None:
    User.objects.filter(pk=admin.user.pk).update(name="Another name")
    assert person_now(admin).name == "Another name"
    User.objects.filter(pk=admin.user.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        person_now(admin)
