from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.directory import deleting, passwords, people, renaming
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, DirectoryGroup, User
from accounts.roles import Role
from subscriptions import leaving
from subscriptions.access.desired import save_reseller_access
from tests.access.world import make_world, propagate, wish
from tests.accounts.directory_world import VERBS, Directory, stranger, trail
from tests.factories import PASSWORD, fresh, make_customer, make_person, make_unit, super_admins
from tests.races import at_once

pytestmark = pytest.mark.django_db
DONE, PROTECTED, DENIED = "done", "protected", "denied"
ON_PLAIN = {"super admin": DONE, "user management admin": DONE, "agent": DONE}
RESETS_ON_PLAIN = {**ON_PLAIN, "help desk admin": DONE}
ON_ADMIN = {"super admin": DONE, "user management admin": PROTECTED, "agent": PROTECTED}
RESETS_ON_ADMIN = {**ON_ADMIN, "help desk admin": PROTECTED}


def attempt(verb: str, actor: User, person: User) -> str:
    """Try a verb where it would do something, and take it back."""
    before = AuditEvent.objects.count()
    with transaction.atomic():
        Address.objects.create(email="old@acme.example", user=person)
        if verb == "restore":
            people.suspend_user(actor=None, person=person)
        if verb == "undelete":
            User.objects.filter(pk=person.pk).update(is_active=False, deleted_at=timezone.now())
        before = AuditEvent.objects.count()
        try:
            VERBS[verb](Actor(actor), person)
            result = DONE
        except PermissionDenied:
            result = DENIED
        except Refused as refused:
            result = PROTECTED if "holds an admin role" in refused.message else refused.message
        assert (AuditEvent.objects.count() > before) == (result == DONE)
        transaction.set_rollback(True)
    return result


@pytest.mark.parametrize("verb", VERBS)
def test_P3_R14_only_a_super_admin_acts_on_somebody_who_holds_a_role(verb: str, directory: Directory) -> None:
    for person, expected in (
        (directory.plain, RESETS_ON_PLAIN if verb == "reset" else ON_PLAIN),
        (directory.auditor, RESETS_ON_ADMIN if verb == "reset" else ON_ADMIN),
        (directory.super_admin, RESETS_ON_ADMIN if verb == "reset" else ON_ADMIN),
    ):
        found = {who: attempt(verb, actor, person) for who, actor in directory.actors.items()}
        assert found == {who: expected.get(who, DENIED) for who in directory.actors}


def test_R14_nobody_from_outside_gives_or_takes_a_role(directory: Directory) -> None:
    for who, actor in directory.actors.items():
        if who != "super admin":
            for verb in (people.assign_role, people.unassign_role):
                with pytest.raises(PermissionDenied):
                    verb(actor=Actor(actor), person=directory.auditor, role=Role.SUPER_ADMIN)
    with pytest.raises(PermissionDenied):
        people.create_user(
            actor=Actor(directory.world.agent),
            organisation=directory.customer,
            email=f"new@{directory.customer.primary_domain}",
            name="New",
            roles=[Role.SUPER_ADMIN],
        )


def test_R13_an_access_that_ended_refuses_the_save(directory: Directory) -> None:
    save_reseller_access(
        actor=directory.world.admin,
        customer=directory.customer,
        desired=[wish(directory.customer, directory.world.reseller, allowed=False)],
    )
    propagate()
    assert {attempt(verb, directory.world.agent, directory.plain) for verb in VERBS} == {DENIED}


# --- Addresses -----------------------------------------------------------------------------------


def test_the_old_address_stays_an_alias_that_nobody_else_can_have(directory: Directory) -> None:
    person, admin = directory.plain, Actor(directory.actors["super admin"])
    old, new = person.email, f"renamed@{directory.customer.primary_domain}"
    assert renaming.rename_user(actor=admin, person=person, email=new.upper()).email == new
    assert set(Address.objects.filter(user=person).values_list("email", flat=True)) == {old, new}
    with pytest.raises(Refused, match="already"):
        make_person(directory.customer, email=old)
    with pytest.raises(Refused, match="already"):
        renaming.rename_user(actor=admin, person=directory.auditor, email=old)
    renaming.rename_user(actor=admin, person=person, email=old)
    assert fresh(person).email == old
    renaming.remove_alias(actor=admin, person=person, email=new)
    assert make_person(directory.customer, email=new).email == new
    assert trail(fresh(person))[-2:] == ["RENAME_USER", "REMOVE_ALIAS"]


def test_an_address_of_a_group_is_nobodys(directory: Directory) -> None:
    email = f"team@{directory.customer.primary_domain}"
    group = DirectoryGroup.objects.create(customer=directory.customer, email=email, name="Team", sort_name="team")
    Address.objects.create(email=email, group=group)
    with pytest.raises(Refused, match="already"):
        renaming.rename_user(actor=None, person=directory.plain, email=email)
    with pytest.raises(Refused, match="already"):
        make_person(directory.customer, email=email)


def test_P6_nobody_is_renamed_to_an_address_at_another_organisations_domain(directory: Directory) -> None:
    stranger = make_world()
    agent = Actor(directory.actors["agent"])
    for domain in (stranger.customer.primary_domain, stranger.reseller.primary_domain.upper()):
        with pytest.raises(Refused, match="another organisation"):
            renaming.rename_user(actor=agent, person=directory.plain, email=f"boss@{domain}")


@pytest.mark.parametrize("email", ["plain@gmail.com", "nonsense", "a@ＧＭＡＩＬ．com"])
def test_P6_nobody_is_renamed_to_an_address_that_cannot_be_used(email: str, directory: Directory) -> None:
    with pytest.raises(Refused) as refused:
        renaming.rename_user(actor=None, person=directory.plain, email=email)
    assert refused.value.field == "email"


def test_aliases_of_others_and_the_address_itself_are_not_removed(directory: Directory) -> None:
    renaming.remove_alias(actor=None, person=directory.plain, email=directory.auditor.email)
    assert Address.objects.filter(email=directory.auditor.email).exists()
    with pytest.raises(Refused):
        renaming.remove_alias(actor=None, person=directory.plain, email=directory.plain.email)


# --- Units ---------------------------------------------------------------------------------------


def test_somebody_is_moved_within_the_tree_of_its_customer_only(directory: Directory) -> None:
    person, elsewhere = directory.plain, make_unit(stranger(), "Sales")
    people.move_to_org_unit(actor=None, person=person, org_unit=directory.sales)
    assert fresh(person).org_unit_id == directory.sales.pk
    event = AuditEvent.objects.get(name="MOVE_USER_TO_ORG_UNIT")
    assert (event.old_value, event.new_value) == ({"org_unit": "/"}, {"org_unit": "/Sales"})
    people.move_to_org_unit(actor=None, person=person, org_unit=directory.sales)
    assert AuditEvent.objects.filter(name="MOVE_USER_TO_ORG_UNIT").count() == 1
    verbs: tuple[Callable[[], object], ...] = (
        lambda: people.move_to_org_unit(actor=None, person=person, org_unit=elsewhere),
        lambda: people.create_user(
            actor=None,
            organisation=directory.customer,
            email=f"n@{directory.customer.primary_domain}",
            name="N",
            org_unit=elsewhere,
        ),
    )
    for verb in verbs:
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.field == "org_unit"


# --- Passwords -----------------------------------------------------------------------------------


def test_a_temporary_password_signs_in_once_and_is_stored_nowhere(directory: Directory) -> None:
    person = directory.plain
    client = Client()
    client.force_login(person, backend="accounts.backends.SignInBackend")
    client.get("/accounts/sessions/")
    password = passwords.reset_password(actor=Actor(directory.actors["help desk admin"]), person=person)
    assert client.get("/accounts/sessions/").status_code == 302
    found = fresh(person)
    assert found.must_change_password and found.check_password(password)
    assert password not in str(list(AuditEvent.objects.values()))
    passwords.change_password(actor=Actor(found), person=found, password=PASSWORD)
    assert not fresh(person).must_change_password
    assert trail(person)[-2:] == ["RESET_PASSWORD", "password_edit"]


def test_temporary_passwords_are_long_readable_and_never_the_same() -> None:
    made = {passwords.temporary_password() for _ in range(500)}
    assert len(made) == 500
    assert all(len(p) == 19 and not set(p) & set("0o1liaeu") for p in made)


# --- The last super admin ------------------------------------------------------------------------


def test_P7_the_last_super_admin_cannot_be_deleted() -> None:
    customer = make_customer()
    ana = make_person(customer, Role.SUPER_ADMIN, name="Ana")
    deleted = make_person(customer, Role.SUPER_ADMIN, name="Away")
    leaving.delete_user_with_licences(actor=None, person=deleted)
    with pytest.raises(Refused, match="last active super admin"):
        leaving.delete_user_with_licences(actor=None, person=ana)
    assert super_admins(customer) == 1


@pytest.mark.django_db(transaction=True)
def test_P7_two_super_admins_taking_each_other_away_in_any_way_leave_one() -> None:
    customer = make_customer()
    ana, bea = (make_person(customer, Role.SUPER_ADMIN, name=name) for name in ("Ana", "Bea"))

    def demote(actor: Actor | None, person: User) -> object:
        return people.unassign_role(actor=actor, person=person, role=Role.SUPER_ADMIN)

    ways = [demote, VERBS["delete"], VERBS["suspend"]]
    for round_ in range(45):
        one, other = ways[round_ % 3], ways[round_ // 3 % 3]
        actors = (Actor(ana), Actor(bea)) if round_ % 2 == 0 else (None, None)
        raised = at_once(partial(one, actors[0], bea), partial(other, actors[1], ana))
        assert super_admins(customer) == 1, f"round {round_}: {raised}"
        assert sum(error is not None for error in raised) == 1
        for person in (ana, bea):
            deleting.undelete_user(actor=None, person=person)
            people.unsuspend_user(actor=None, person=person)
            people.assign_role(actor=None, person=person, role=Role.SUPER_ADMIN)
