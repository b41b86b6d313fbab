"""The verbs of deletion: deleting a customer's person, having them back for 20 days, removing them for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.background.sweeping import each
from accounts.clock import database_now
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.database.time_limits import sweep_transaction
from accounts.directory.rules import keep_an_admin, lock_for_change, refuse_oneself
from accounts.errors import Refused
from accounts.locking import lock_unless_busy, taking_away
from accounts.models import Address, Customer, Device, GroupMember, OrgUnit, RoleAssignment, User
from accounts.permissions import Permission

# As long as the original keeps a deleted user.
UNDELETE_WITHIN: Final = timedelta(days=20)
# What stays of a person who is gone: a row for the others that point to it, with a name in no language.
PURGED_NAME: Final = "–"
# Rows purged in one transaction: the customer is locked meanwhile, a second at most.
PURGE_BATCH: Final = 500


@taking_away()
def delete_user(*, actor: Actor | None, person: User) -> User:
    """Delete a customer's person. Within 20 days they come back with all that is theirs; their roles are revoked (P8).

    Licences are released by subscriptions.leaving.delete_user_with_licences, which calls this one.
    Raises Refused for the last active super admin (P7), and for oneself.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    if person.customer_id is None:
        raise Refused(_("Only a customer’s people can be deleted. Suspend this person instead."))
    if person.deleted_at is not None:
        return person
    refuse_oneself(actor, person, _("You cannot delete yourself. Ask another admin to do it."))
    keep_an_admin(person)
    end_sessions(person)
    _take_roles(actor, person)
    old = {"active": person.is_active}
    person.is_active, person.deleted_at = False, database_now()
    person.save(update_fields=["is_active", "deleted_at"])
    record_audit(EventName.DELETE_USER, actor=actor, customer=person.customer_id, subject=person.email, old=old)
    return person


@transaction.atomic
def undelete_user(*, actor: Actor | None, person: User) -> User:
    """Restore a person who was deleted in the last 20 days: active, or suspended where it was so before.

    Its addresses, unit and groups were kept for it. Roles and licences are given anew. Raises Refused when too late.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    if person.deleted_at is None:
        return person
    if person.purged_at is not None or person.deleted_at < database_now() - UNDELETE_WITHIN:
        raise Refused(_("This user was deleted more than 20 days ago. Create a new one."))
    person.is_active, person.deleted_at = person.suspended_at is None, None
    person.save(update_fields=["is_active", "deleted_at"])
    new = {"active": person.is_active}
    record_audit(EventName.UNDELETE_USER, actor=actor, customer=person.customer_id, subject=person.email, new=new)
    return person


def purge_deleted_users(*, actor: None) -> int:
    """Remove for good who was deleted more than 20 days ago; return how many. Daily, in the system's name.

    The address is free then, and nothing says any more who it was. The row stays for those that point to it.
    """
    return sum(purges(actor=actor))


def purges(*, actor: None) -> Iterator[int]:
    """Purge one customer's batch after the other; yields how many people were in each."""
    # Only customers' people are ever deleted.
    due = User.objects.filter(customer__isnull=False, deleted_at__lte=Now() - UNDELETE_WITHIN, purged_at=None)
    customers = Customer.objects.filter(pk__in=due.values("customer")).order_by("pk")
    return each(customers, partial(_purge_some, actor), until_done=True)


@sweep_transaction()
def _purge_some(actor: None, customer: Customer) -> int:
    if not lock_unless_busy(customer):
        return 0
    due = User.objects.filter(customer=customer, deleted_at__lte=Now() - UNDELETE_WITHIN, purged_at=None)
    people = list(due.select_for_update(no_key=True).order_by("pk")[:PURGE_BATCH])
    ids = [person.pk for person in people]
    for kept_about in (Address, GroupMember, EmailAddress):
        kept_about._default_manager.filter(user__in=ids).delete()
    Device.objects.filter(user__in=ids).update(user=None)
    User.objects.filter(pk__in=ids).update(
        email=Concat(Value("purged-"), F("pk"), Value("@purged.invalid"), output_field=User._meta.get_field("email")),
        name=PURGED_NAME,
        sort_name=PURGED_NAME,
        password=make_password(None),
        language="",
        last_login=None,
        org_unit=OrgUnit.objects.get(customer=customer, parent=None),
        purged_at=Now(),
    )
    # The audit log keeps the address (A2): it says for ever who was there.
    record_many(event(EventName.PURGE_USER, actor=actor, customer=customer, subject=person.email) for person in people)
    return len(people)


def _take_roles(actor: Actor | None, person: User) -> None:
    held = RoleAssignment.objects.filter(user=person).order_by("role")
    record_many(
        event(
            EventName.UNASSIGN_ROLE,
            actor=actor,
            customer=person.customer_id,
            subject=person.email,
            old={"role": one.role},
        )
        for one in held
    )
    held.delete()
