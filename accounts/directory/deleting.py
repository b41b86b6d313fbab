"""The verbs of deletion: deleting a person, having them back for 20 days, removing them for good (P8, P11).

A customer's people and a reseller's go the same way. The vendor's are only ever suspended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
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
from accounts.directory.rules import (
    keep_an_admin,
    keeping_an_admin,
    lock_for_change,
    organisation_of,
    protection,
)
from accounts.directory.several import Decided, Rule, decided, lock_several
from accounts.errors import Refused
from accounts.locking import lock_unless_busy, taking_away
from accounts.models import Address, Customer, Device, GroupMember, OrgUnit, Provisioned, Reseller, RoleAssignment, User
from accounts.organisations import Organisation
from accounts.permissions import Permission
from accounts.two_people.proposing import end_as_super_admin
from accounts.unstaffing import end_staffing_of

# As long as the original keeps a deleted user.
UNDELETE_WITHIN: Final = timedelta(days=20)
# What stays of a person who is gone: a row for the others that point to it, with a name in no language.
PURGED_NAME: Final = "–"
# Rows purged in one transaction: the customer is locked meanwhile, a second at most.
PURGE_BATCH: Final = 500


@taking_away()
def delete_user(*, actor: Actor | None, person: User) -> User:
    """Delete one person. Raises Refused as delete_users() below refuses."""
    return delete_users(actor=actor, organisation=organisation_of(person), people=[person.pk]).only()


@taking_away()
def delete_users(*, actor: Actor | None, organisation: Organisation, people: Collection[int]) -> Decided:
    """Delete people of a customer or a reseller. Within 20 days they come back with all that is theirs but roles (P8).

    people: their ids. Licences of a customer's people are released by subscriptions.leaving.delete_users_with_licences,
    which calls this one. What one of a reseller's people works for ends, also in teams (P11).
    Refuses the last active super admin (P7) or reseller admin (P11), oneself, and the vendor's people.
    """
    locked = lock_several(actor, organisation, people, Permission.MANAGE_USERS)
    found = decided(locked, deleting(actor, organisation), people)
    if not found.people:
        return found
    for person in found.people:
        end_as_super_admin(actor, person)
        if person.reseller_id is not None:
            end_staffing_of(actor=actor, agent=person)
    end_sessions(found.people)
    _take_roles(actor, found.people)
    now = database_now()
    record_many(
        event(
            EventName.DELETE_USER,
            actor=actor,
            customer=person.customer_id,
            subject=person.email,
            target=person,
            old={"active": person.is_active},
        )
        for person in found.people
    )
    for person in found.people:
        person.is_active, person.deleted_at = False, now
    User.objects.filter(pk__in=found.done).update(is_active=False, deleted_at=now)
    return found


def deleting(actor: Actor | None, organisation: Organisation) -> Rule:
    """Return the rule who can be deleted."""
    protect, keep = protection(actor, organisation), keeping_an_admin(organisation)

    def may(person: User) -> bool:
        protect(person)
        if person.is_vendor:
            raise Refused(_("People of the vendor cannot be deleted. Suspend this person instead."), reason="forbidden")
        if person.deleted_at is not None:
            return False
        if actor is not None and actor.user.pk == person.pk:
            keep_an_admin(person)  # who is the last one has no other admin to ask
            raise Refused(_("You cannot delete yourself. Ask another admin to do it."), reason="forbidden")
        keep(person)
        return True

    return may


@transaction.atomic
def undelete_user(*, actor: Actor | None, person: User) -> User:
    """Restore a person who was deleted in the last 20 days: active, or suspended where it was so before.

    Its addresses, unit and groups were kept for it. Roles and licences are given anew. Raises Refused when too late.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    if person.deleted_at is None:
        return person
    if person.purged_at is not None or person.deleted_at < database_now() - UNDELETE_WITHIN:
        raise Refused(_("This user was deleted more than 20 days ago. Create a new one."), reason="conditionNotMet")
    person.is_active, person.deleted_at = person.suspended_at is None, None
    person.save(update_fields=["is_active", "deleted_at"])
    new = {"active": person.is_active}
    record_audit(
        EventName.UNDELETE_USER, actor=actor, customer=person.customer_id, subject=person.email, target=person, new=new
    )
    return person


def purge_deleted_users(*, actor: None) -> int:
    """Remove for good who was deleted more than 20 days ago; return how many. Daily, in the system's name.

    The address is free then, and nothing says any more who it was. The row stays for those that point to it.
    """
    return sum(purges(actor=actor))


def purges(*, actor: None) -> Iterator[int]:
    """Purge one organisation's batch after the other; yields how many people were in each."""
    due = User.objects.filter(deleted_at__lte=Now() - UNDELETE_WITHIN, purged_at=None)
    for organisation, name in ((Customer, "customer"), (Reseller, "reseller")):
        ids = due.filter(**{f"{name}__isnull": False}).values(name)
        found = organisation._default_manager.filter(pk__in=ids).order_by("pk")
        yield from each(found, partial(_purge_some, actor), until_done=True)


@sweep_transaction()
def _purge_some(actor: None, organisation: Customer | Reseller) -> int:
    customer = organisation if isinstance(organisation, Customer) else None
    reseller = organisation if isinstance(organisation, Reseller) else None
    if customer is not None and not lock_unless_busy(customer):
        return 0
    due = User.objects.filter(customer=customer, reseller=reseller, is_vendor=False)
    due = due.filter(deleted_at__lte=Now() - UNDELETE_WITHIN, purged_at=None)
    people = list(due.select_for_update(no_key=True).order_by("pk")[:PURGE_BATCH])
    ids = [person.pk for person in people]
    for kept_about in (Address, Authenticator, GroupMember, EmailAddress, Provisioned, SocialAccount):
        kept_about._default_manager.filter(user__in=ids).delete()
    Device.objects.filter(user__in=ids).update(user=None)
    User.objects.filter(pk__in=ids).update(
        email=Concat(Value("purged-"), F("pk"), Value("@purged.invalid"), output_field=User._meta.get_field("email")),
        name=PURGED_NAME,
        sort_name=PURGED_NAME,
        password=make_password(None),
        language="",
        recovery_email="",
        recovery_phone="",
        contact={},
        last_login=None,
        org_unit=OrgUnit.objects.get(customer=customer, parent=None) if customer else None,
        purged_at=Now(),
    )
    # The audit log keeps the address (A2): it says for ever who was there.
    record_many(
        event(
            EventName.PURGE_USER,
            actor=actor,
            customer=customer,
            seen_by=reseller,
            subject=person.email,
            target=person,
        )
        for person in people
    )
    return len(people)


def _take_roles(actor: Actor | None, people: Sequence[User]) -> None:
    held = RoleAssignment.objects.filter(user__in=people)
    record_many(
        event(
            EventName.UNASSIGN_ROLE,
            actor=actor,
            customer=person.customer_id,
            subject=person.email,
            target=person,
            old={"role": role},
        )
        for person in people
        for role in sorted(person.roles)
    )
    held.delete()
