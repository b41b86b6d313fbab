"""Deleting people, having them back, and removing them for good (P8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.directory import deleting, people, renaming
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, DirectoryGroup, GroupMember, User
from accounts.roles import Role
from accounts.tasks import purge_deleted_users
from subscriptions import leaving
from subscriptions.models import Licence
from tests.accounts.directory_world import VERBS, Directory, stranger, trail
from tests.factories import fresh, make_person

pytestmark = pytest.mark.django_db


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
        leaving.delete_user_with_licences(actor=Actor(directory.actors["super admin"]), person=person)
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
    renaming.rename_user(actor=None, person=person, email=f"renamed@{directory.customer.primary_domain}")
    group = DirectoryGroup.objects.create(customer=directory.customer, email="g@x.example", name="G", sort_name="g")
    GroupMember.objects.create(customer=directory.customer, group=group, user=person)
    if suspended:
        people.suspend_user(actor=None, person=person)
    before = User.objects.filter(pk=person.pk).values().get()
    leaving.delete_user_with_licences(actor=None, person=person)
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
    renaming.rename_user(actor=None, person=gone, email=f"renamed@{directory.customer.primary_domain}")
    for person in (gone, kept, elsewhere):
        leaving.delete_user_with_licences(actor=None, person=person)
    days_ago(gone, 20.01)
    days_ago(kept, 19.99)
    days_ago(elsewhere, 21)
    assert deleting.purge_deleted_users(actor=None) == 2
    assert deleting.purge_deleted_users(actor=None) == 0
    row = User.objects.get(pk=gone.pk)
    assert (row.email, row.name, row.has_usable_password()) == (f"purged-{gone.pk}@purged.invalid", "–", False)
    assert not Address.objects.filter(user=gone).exists()
    assert fresh(kept).name == "Ada"
    assert make_person(directory.customer, email=f"renamed@{directory.customer.primary_domain}").name
    assert [e.actor_kind for e in AuditEvent.objects.filter(name="PURGE_USER")] == ["system", "system"]
    for person, match in ((gone, "more than 20 days"), (kept, "")):
        if match:
            with pytest.raises(Refused, match=match):
                deleting.undelete_user(actor=None, person=person)
        else:
            assert deleting.undelete_user(actor=None, person=person).is_active


def test_the_daily_task_purges_in_the_systems_name(directory: Directory) -> None:
    leaving.delete_user_with_licences(actor=None, person=directory.plain)
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
