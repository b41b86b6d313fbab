from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts import organisations
from accounts.actor import Actor
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Reseller, RoleAssignment, User
from accounts.organisations import VENDOR
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, VENDOR_ROLES, Role
from reseller_console import settings as product
from tests.cast import Cast
from tests.factories import fresh, make_customer, make_person, make_reseller, super_admins
from tests.races import at_once

pytestmark = pytest.mark.django_db


def trail() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("name", flat=True))


def reseller_admins(reseller: Reseller) -> list[User]:
    return list(User.objects.filter(reseller=reseller, is_active=True, role_assignments__role=Role.RESELLER_ADMIN))


# --- Organisations -----------------------------------------------------------------------------


def test_a_customer_is_found_under_the_canonical_spelling_of_its_domain() -> None:
    customer = organisations.create_customer(actor=None, name="  Bücher  AG ", primary_domain="BÜCHER.example.")
    assert customer.primary_domain == "xn--bcher-kva.example"
    assert (customer.name, customer.sort_name) == ("Bücher AG", "bucher ag")
    assert trail() == ["CREATE_CUSTOMER"]


@pytest.mark.parametrize("domain", ["GMAIL.com", "google\u200bmail.com", "nonsense", ""])
def test_P6_an_organisation_needs_a_domain_of_its_own(domain: str) -> None:
    with pytest.raises(Refused) as refused:
        organisations.create_reseller(actor=None, name="Resale", primary_domain=domain)
    assert refused.value.field == "primary_domain"
    assert trail() == []


def test_two_customers_cannot_share_a_domain_in_any_spelling() -> None:
    make_customer(domain="acme.example")
    with pytest.raises(Refused) as refused:
        make_customer(domain="ＡＣＭＥ。example")
    assert refused.value.field == "primary_domain"
    assert Customer.objects.count() == 1


def test_suspending_a_reseller_twice_is_one_event() -> None:
    reseller = make_reseller()
    suspended = organisations.suspend_reseller(actor=None, reseller=reseller)
    again = organisations.suspend_reseller(actor=None, reseller=reseller)
    assert suspended.suspended_at is not None and again.suspended_at == suspended.suspended_at
    assert organisations.unsuspend_reseller(actor=None, reseller=reseller).suspended_at is None
    assert trail() == ["CREATE_RESELLER", "SUSPEND_RESELLER", "UNSUSPEND_RESELLER"]


def test_P5_only_an_operator_creates_organisations(cast: Cast) -> None:
    organisations.create_customer(actor=Actor(cast.operator), name="New", primary_domain="new.example")
    for person in (cast.acme.super_admin, cast.resale_one.admin, cast.vendor_support):
        with pytest.raises(PermissionDenied):
            organisations.create_customer(actor=Actor(person), name="Other", primary_domain="other.example")
        with pytest.raises(PermissionDenied):
            organisations.suspend_reseller(actor=Actor(person), reseller=cast.resale_two.reseller)
    assert not Customer.objects.filter(name="Other").exists()


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
        address = "new@new-domain.example"
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


# --- The last super admin ----------------------------------------------------------------------


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


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_the_same_address_are_one_person_and_one_refusal() -> None:
    customer = make_customer()
    for number in range(10):
        email = f"ana{number}@{customer.primary_domain}"
        raised = at_once(*[lambda email=email: make_person(customer, email=email)] * 2)
        assert sorted(type(error).__name__ for error in raised) == ["NoneType", "Refused"]
