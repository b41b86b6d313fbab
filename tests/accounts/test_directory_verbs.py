from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.directory import deleting, passwords, people, renaming
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, Customer, DirectoryGroup, GroupMember, OrgUnit, User
from accounts.roles import Role
from accounts.tasks import purge_deleted_users
from subscriptions import leaving
from subscriptions.access.desired import save_reseller_access
from subscriptions.models import Licence
from tests.access.world import World, make_world, propagate, wish
from tests.accounts.test_people import at_once, super_admins
from tests.factories import PASSWORD, fresh, make_customer, make_person

pytestmark = pytest.mark.django_db


def unit(customer: Customer, name: str) -> OrgUnit:
    root = OrgUnit.objects.get(customer=customer, parent=None)
    return OrgUnit.objects.create(customer=customer, parent=root, name=name, sort_name=name.lower())


def stranger() -> Customer:
    """Another customer, under a domain that neither world of tests uses."""
    return make_customer(domain=f"stranger{Customer.objects.count()}.example")


def trail(person: User) -> list[str]:
    return list(AuditEvent.objects.filter(subject=person.email).order_by("id").values_list("name", flat=True))


@dataclass
class Directory:
    """A customer with a person of every role that manages people, an agent inside, and a stranger."""

    world: World
    customer: Customer
    sales: OrgUnit
    actors: dict[str, User]
    plain: User
    auditor: User
    super_admin: User


@pytest.fixture
def directory(db: None) -> Directory:
    world = make_world()
    customer = world.customer

    def make(name: str, *roles: Role) -> User:
        return make_person(customer, *roles, name=name)

    actors = {
        "super admin": make("Sue", Role.SUPER_ADMIN),
        "user management admin": make("Uma", Role.USER_MANAGEMENT_ADMIN),
        "help desk admin": make("Hal", Role.HELP_DESK_ADMIN),
        "support manager": make("Sam", Role.SUPPORT_MANAGER),
        "agent": world.agent,
        "stranger": make_person(stranger(), Role.SUPER_ADMIN, name="Stranger"),
    }
    auditor, super_admin = make("Ada", Role.AUDITOR), make("Second", Role.SUPER_ADMIN)
    return Directory(world, customer, unit(customer, "Sales"), actors, make("Plain"), auditor, super_admin)


# Every verb that a person's admin role protects it from, on a person that it would change.
VERBS: dict[str, Callable[[Actor | None, User], object]] = {
    "change": lambda actor, person: people.change_user(actor=actor, person=person, name="Changed"),
    "rename": lambda actor, person: renaming.rename_user(actor=actor, person=person, email=f"new.{person.email}"),
    "remove alias": lambda actor, person: renaming.remove_alias(actor=actor, person=person, email="old@acme.example"),
    "move": lambda actor, person: people.move_to_org_unit(
        actor=actor, person=person, org_unit=OrgUnit.objects.get(customer=person.customer, name="Sales")
    ),
    "suspend": lambda actor, person: people.suspend_user(actor=actor, person=person),
    "restore": lambda actor, person: people.unsuspend_user(actor=actor, person=person),
    "reset": lambda actor, person: passwords.reset_password(actor=actor, person=person),
    "delete": lambda actor, person: leaving.delete_user(actor=actor, person=person),
    "undelete": lambda actor, person: deleting.undelete_user(actor=actor, person=person),
}
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
        wishes=[wish(directory.customer, directory.world.reseller, allowed=False)],
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
    person, elsewhere = directory.plain, unit(stranger(), "Sales")
    people.move_to_org_unit(actor=None, person=person, org_unit=directory.sales)
    assert fresh(person).org_unit_id == directory.sales.pk
    event = AuditEvent.objects.get(name="MOVE_USER_TO_ORG_UNIT")
    assert (event.old_value, event.new_value) == ({"org_unit": "/"}, {"org_unit": "/Sales"})
    people.move_to_org_unit(actor=None, person=person, org_unit=directory.sales)
    assert AuditEvent.objects.filter(name="MOVE_USER_TO_ORG_UNIT").count() == 1
    verbs: tuple[Callable[[], object], ...] = (
        lambda: people.move_to_org_unit(actor=None, person=person, org_unit=elsewhere),
        lambda: people.create_user(
            actor=None, organisation=directory.customer, email="n@new.example", name="N", org_unit=elsewhere
        ),
    )
    for verb in verbs:
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.field == "org_unit"


# --- Deletion ------------------------------------------------------------------------------------


def licence(directory: Directory, person: User) -> Licence:
    sold = directory.world.sold
    return Licence.objects.create(
        customer=directory.customer, subscription=sold, user=person, product_id=sold.sku.product_id
    )


def test_P8_a_deleted_person_is_out_at_once_without_roles_and_licences(directory: Directory) -> None:
    person, held = directory.auditor, licence(directory, directory.auditor)
    other = licence(directory, directory.plain)
    client = Client()
    client.force_login(person, backend="accounts.backends.SignInBackend")
    assert client.get("/accounts/sessions/").status_code == 200
    for _ in range(2):
        leaving.delete_user(actor=Actor(directory.actors["super admin"]), person=person)
    assert client.get("/accounts/sessions/").status_code == 302
    gone = fresh(person)
    assert (gone.is_active, gone.deleted_at is not None, gone.roles) == (False, True, frozenset())
    held.refresh_from_db()
    other.refresh_from_db()
    assert held.revoked_at is not None and other.revoked_at is None
    assert trail(person)[-3:] == ["UNASSIGN_ROLE", "DELETE_USER", "USER_LICENSE_REVOKE"]
    last = AuditEvent.objects.order_by("-id")[0]
    assert last.old_value == {"SKU_NAME": directory.world.sold.sku.name}


@pytest.mark.parametrize("suspended", [True, False])
def test_within_20_days_a_deleted_person_comes_back_as_it_was(suspended: bool, directory: Directory) -> None:
    person = directory.plain
    people.move_to_org_unit(actor=None, person=person, org_unit=directory.sales)
    renaming.rename_user(actor=None, person=person, email="renamed@acme.example")
    group = DirectoryGroup.objects.create(customer=directory.customer, email="g@x.example", name="G", sort_name="g")
    GroupMember.objects.create(customer=directory.customer, group=group, user=person)
    if suspended:
        people.suspend_user(actor=None, person=person)
    before = User.objects.filter(pk=person.pk).values().get()
    leaving.delete_user(actor=None, person=person)
    for verb in ("change", "rename", "move", "suspend", "restore", "reset"):
        with pytest.raises(Refused, match="is deleted"):
            VERBS[verb](None, person)
    with pytest.raises(Refused, match="is deleted"):
        people.assign_role(actor=None, person=person, role=Role.AUDITOR)
    deleting.undelete_user(actor=None, person=person)
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert Address.objects.filter(user=person).count() == 2
    assert GroupMember.objects.filter(user=person).exists()


def days_ago(person: User, days: float) -> None:
    User.objects.filter(pk=person.pk).update(deleted_at=timezone.now() - timedelta(days=days))


def test_after_20_days_nothing_says_any_more_who_it_was(directory: Directory) -> None:
    gone, kept, elsewhere = directory.plain, directory.auditor, make_person(stranger(), name="Elsewhere")
    renaming.rename_user(actor=None, person=gone, email="renamed@acme.example")
    for person in (gone, kept, elsewhere):
        leaving.delete_user(actor=None, person=person)
    days_ago(gone, 20.01)
    days_ago(kept, 19.99)
    days_ago(elsewhere, 21)
    assert deleting.purge_deleted_users(actor=None) == 2
    assert deleting.purge_deleted_users(actor=None) == 0
    row = User.objects.get(pk=gone.pk)
    assert (row.email, row.name, row.has_usable_password()) == (f"purged-{gone.pk}@purged.invalid", "–", False)
    assert not Address.objects.filter(user=gone).exists()
    assert fresh(kept).name == "Ada"
    assert make_person(directory.customer, email="renamed@acme.example").name
    assert [e.actor_kind for e in AuditEvent.objects.filter(name="PURGE_USER")] == ["system", "system"]
    for person, match in ((gone, "more than 20 days"), (kept, "")):
        if match:
            with pytest.raises(Refused, match=match):
                deleting.undelete_user(actor=None, person=person)
        else:
            assert deleting.undelete_user(actor=None, person=person).is_active


def test_the_daily_task_purges_in_the_systems_name(directory: Directory) -> None:
    leaving.delete_user(actor=None, person=directory.plain)
    days_ago(directory.plain, 21)
    purge_deleted_users()
    assert fresh(directory.plain).purged_at is not None


def test_the_database_knows_no_active_deleted_and_no_purged_living_person(directory: Directory) -> None:
    for field in ("deleted_at", "purged_at"):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=directory.plain.pk).update(**{field: timezone.now()})


def test_nobody_deletes_suspends_demotes_or_resets_itself(directory: Directory) -> None:
    sue = directory.actors["super admin"]
    verbs: tuple[Callable[[], object], ...] = (
        lambda: VERBS["delete"](Actor(sue), sue),
        lambda: VERBS["suspend"](Actor(sue), sue),
        lambda: VERBS["reset"](Actor(sue), sue),
        lambda: people.unassign_role(actor=Actor(sue), person=sue, role=Role.SUPER_ADMIN),
    )
    for verb in verbs:
        with pytest.raises(Refused):
            verb()
    assert Role.SUPER_ADMIN in fresh(sue).roles


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
    leaving.delete_user(actor=None, person=deleted)
    with pytest.raises(Refused, match="last active super admin"):
        leaving.delete_user(actor=None, person=ana)
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
