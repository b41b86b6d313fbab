from __future__ import annotations

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from accounts import organisations
from accounts.actor import Actor
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import AuditEvent, RoleAssignment, User
from accounts.organisations import VENDOR
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, VENDOR_ROLES, Role
from reseller_console import settings as product
from tests.cast import Cast
from tests.factories import fresh, make_customer, make_person, make_reseller
from tests.races import at_once

pytestmark = pytest.mark.django_db


def trail() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("name", flat=True))


# --- Creating people ---------------------------------------------------------------------------


def test_P1_a_person_belongs_to_exactly_one_organisation() -> None:
    customer, reseller = make_customer(), make_reseller()
    persons = [make_person(customer), make_person(reseller), make_person(VENDOR)]
    assert [(p.customer, p.reseller, p.is_vendor) for p in persons] == [
        (customer, None, False),
        (None, reseller, False),
        (None, None, True),
    ]
    persons[0].reseller = reseller
    with pytest.raises(IntegrityError, match="exactly_one_organisation"), transaction.atomic():
        persons[0].save(update_fields=["reseller"])


def test_a_person_is_stored_with_canonical_address_and_sort_name() -> None:
    customer = make_customer(domain="acme.example")
    person = make_person(customer, name="Élodie  Martin", email="Elodie＠ACME。example")
    assert (person.email, person.name, person.sort_name) == ("elodie@acme.example", "Élodie Martin", "elodie martin")
    event = AuditEvent.objects.get(name="CREATE_USER")
    assert (event.customer_id, event.subject) == (customer.pk, "elodie@acme.example")
    assert "password" not in str(event.new_value)


@pytest.mark.parametrize(
    ("email", "field"),
    [("ana@gmail.com", "email"), ("ana@ＧＭＡＩＬ．com.", "email"), ("ana", "email"), ("taken@acme.example", "email")],
)
def test_P6_an_address_that_cannot_be_used_is_refused(email: str, field: str) -> None:
    customer = make_customer(domain="acme.example")
    make_person(customer, email="Taken@acme.example")
    with pytest.raises(Refused) as refused:
        make_person(customer, email=email)
    assert refused.value.field == field
    assert User.objects.count() == 1


def test_nobody_gets_an_address_of_another_organisation() -> None:
    acme, resale = make_customer(domain="acme.example"), make_reseller(domain="resale.example")
    strangers: list[tuple[organisations.Organisation, str]] = [
        (acme, "a@resale.example"),
        (resale, "a@acme.example"),
        (VENDOR, "a@acme.example"),
    ]
    for organisation, email in strangers:
        with pytest.raises(Refused):
            make_person(organisation, email=email)
    assert make_person(acme, email="a@second-domain-of-acme.example").customer == acme


def test_a_weak_password_is_refused_and_nobody_is_created() -> None:
    with pytest.raises(Refused) as refused:
        make_person(make_customer(), password="password")
    assert refused.value.field == "password"
    assert not User.objects.exists()


def test_a_password_is_kept_as_argon2_at_its_full_price(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS  # the other tests have a cheaper one
    person = make_person(make_customer(), password="seven-lantern-orchard")
    assert person.password.startswith("argon2$")
    assert not Argon2PasswordHasher().must_update(person.password)


def test_an_organisations_admin_creates_people_in_its_own_organisation_only(cast: Cast) -> None:
    def create(admin: User, organisation: organisations.Organisation) -> User:
        domain = "vendor.example" if isinstance(organisation, organisations.Vendor) else organisation.primary_domain
        address = f"new{User.objects.count()}@{domain}"
        return people.create_user(actor=Actor(admin), organisation=organisation, email=address, name="New")

    for admin in (cast.acme.auditor, cast.globex.super_admin, cast.resale_one.admin, cast.vendor_support):
        with pytest.raises(PermissionDenied):
            create(admin, cast.acme.customer)
    with pytest.raises(PermissionDenied):
        create(cast.acme.super_admin, VENDOR)
    assert create(cast.acme.super_admin, cast.acme.customer).customer == cast.acme.customer


# --- Roles -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_a_role_fits_one_kind_of_organisation(role: Role, cast: Cast) -> None:
    home = {
        **dict.fromkeys(CUSTOMER_ROLES, cast.acme.nobody),
        **dict.fromkeys(RESELLER_ROLES, cast.resale_one.support_agent),
        **dict.fromkeys(VENDOR_ROLES, cast.vendor_support),
    }
    for person in set(home.values()):
        if person == home[role]:
            people.assign_role(actor=None, person=person, role=role)
        else:
            with pytest.raises(Refused, match="does not exist in this kind"):
                people.assign_role(actor=None, person=person, role=role)
        assert (role in fresh(person).roles) == (person == home[role])


def test_assigning_a_role_twice_is_one_event(cast: Cast) -> None:
    before = len(trail())
    for _ in range(2):
        people.assign_role(actor=Actor(cast.acme.super_admin), person=cast.acme.nobody, role=Role.SUPPORT)
    for _ in range(2):
        people.unassign_role(actor=Actor(cast.acme.super_admin), person=cast.acme.nobody, role=Role.SUPPORT)
    assert trail()[before:] == ["ASSIGN_ROLE", "UNASSIGN_ROLE"]
    last = AuditEvent.objects.order_by("-id")[0]
    assert (last.actor_email, last.customer_id) == ("alice@acme.example", cast.acme.customer.pk)
    assert (last.subject, last.old_value, last.new_value) == ("dave@acme.example", {"role": "support"}, None)


def test_a_role_is_given_by_the_organisations_own_admins_and_operators(cast: Cast) -> None:
    def give(actor: User) -> bool:
        try:
            people.assign_role(actor=Actor(actor), person=cast.acme.nobody, role=Role.AUDITOR)
        except PermissionDenied:
            return False
        with transaction.atomic():
            RoleAssignment.objects.filter(user=cast.acme.nobody).delete()
        return True

    everybody = [*cast.acme.people, *cast.globex.people, *cast.resale_one.people, cast.operator, cast.vendor_support]
    assert [p.name for p in everybody if give(p)] == ["Alice", "Olga"]


def test_P8_an_admin_who_was_just_suspended_changes_nothing_any_more(cast: Cast) -> None:
    loaded_before = cast.resale_one.admin
    User.objects.filter(pk=loaded_before.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        people.suspend_user(actor=Actor(loaded_before), person=cast.resale_one.agent)
    assert fresh(cast.resale_one.agent).is_active


def test_P8_a_lost_role_opens_nothing_with_the_next_request(cast: Cast) -> None:
    carol = cast.acme.auditor
    assert fresh(carol).has_perm(Permission.VIEW_AUDIT_LOG, cast.acme.customer)
    people.unassign_role(actor=Actor(cast.acme.super_admin), person=carol, role=Role.AUDITOR)
    assert not fresh(carol).has_perm(Permission.VIEW_AUDIT_LOG, cast.acme.customer)


def test_a_reseller_admin_keeps_its_own_role(cast: Cast) -> None:
    rita = cast.resale_one.admin
    with pytest.raises(Refused):
        people.unassign_role(actor=Actor(rita), person=rita, role=Role.RESELLER_ADMIN)
    assert Role.RESELLER_ADMIN in fresh(rita).roles


# --- Suspension --------------------------------------------------------------------------------


def test_P8_a_suspended_person_is_signed_out_with_the_next_request(cast: Cast) -> None:
    client, other = Client(), Client()
    for browser, person in ((client, cast.acme.nobody), (other, cast.acme.auditor)):
        browser.force_login(person, backend="accounts.backends.SignInBackend")
        assert browser.get("/accounts/sessions/").status_code == 200
    people.suspend_user(actor=Actor(cast.acme.super_admin), person=cast.acme.nobody)
    assert client.get("/accounts/sessions/").status_code == 302
    assert other.get("/accounts/sessions/").status_code == 200
    people.unsuspend_user(actor=Actor(cast.acme.super_admin), person=cast.acme.nobody)
    assert client.get("/accounts/sessions/").status_code == 302, "an old session must not come back to life"


def test_suspending_and_restoring_twice_is_one_event_each(cast: Cast) -> None:
    before = len(trail())
    for verb in (people.suspend_user, people.suspend_user, people.unsuspend_user, people.unsuspend_user):
        verb(actor=Actor(cast.resale_one.admin), person=cast.resale_one.agent)
    assert trail()[before:] == ["SUSPEND_USER", "UNSUSPEND_USER"]
    assert fresh(cast.resale_one.agent).is_active


def test_nobody_suspends_themselves_or_a_stranger(cast: Cast) -> None:
    with pytest.raises(Refused):
        people.suspend_user(actor=Actor(cast.resale_one.admin), person=cast.resale_one.admin)
    with pytest.raises(PermissionDenied):
        people.suspend_user(actor=Actor(cast.resale_one.admin), person=cast.resale_two.agent)
    with pytest.raises(PermissionDenied):
        people.suspend_user(actor=Actor(cast.resale_one.agent), person=cast.resale_one.colleague)
    assert User.objects.filter(is_active=False).count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_the_same_address_are_one_person_and_one_refusal() -> None:
    customer = make_customer()
    for number in range(10):
        email = f"ana{number}@{customer.primary_domain}"
        raised = at_once(*[lambda email=email: make_person(customer, email=email)] * 2)
        assert sorted(type(error).__name__ for error in raised) == ["Duplicate", "NoneType"]
