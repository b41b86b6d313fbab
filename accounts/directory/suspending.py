"""The verbs that suspend people and restore them: several of one organisation at once, one among them (P7, P8, P11)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.authorisation import require_fresh_proof
from accounts.clock import database_now
from accounts.console_sessions.activations import end_of_who_left
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.directory.rules import keeping_an_admin, protection, refuse_deleted, refuse_oneself
from accounts.directory.several import Decided, Rule, decided, lock_several
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Customer, User
from accounts.models.two_people import Demand
from accounts.names import isolated
from accounts.organisations import Organisation
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.two_people.demands import needs_second
from accounts.two_people.proposing import end_as_super_admin


@taking_away()
def suspend_users(*, actor: Actor | None, organisation: Organisation, people: Collection[int]) -> Decided:
    """Suspend people: their sessions end, and nothing is open to them from the next request on (P8).

    people: their ids. Refuses the last active super admin of a customer (P7) or reseller admin (P11), and oneself.
    """
    locked = lock_several(actor, organisation, people, Permission.MANAGE_USERS)
    found = decided(locked, suspending(actor, organisation), people)
    for person in found.people:
        end_as_super_admin(actor, person)
    end_sessions(found.people)
    _set_active(actor, found.people, active=False)
    return found


@transaction.atomic
def unsuspend_users(*, actor: Actor | None, organisation: Organisation, people: Collection[int]) -> Decided:
    """Restore suspended people with the roles they had; they sign in again. people: their ids.

    Refuses a super admin whose customer demands two people for a new one (R21): that would be one more.
    """
    locked = lock_several(actor, organisation, people, Permission.MANAGE_USERS)
    found = decided(locked, restoring(actor, organisation), people)
    asking = {Role.SUPER_ADMIN, Role.VENDOR_OPERATOR} | ({Role.RESELLER_ADMIN} if actor and actor.token else set())
    if any(person.roles & asking for person in found.people):
        require_fresh_proof(actor)
    _set_active(actor, found.people, active=True)
    return found


def suspending(actor: Actor | None, organisation: Organisation) -> Rule:
    """Return the rule who can be suspended."""
    protect, keep = protection(actor, organisation), keeping_an_admin(organisation)

    def may(person: User) -> bool:
        protect(person)
        refuse_deleted(person)
        if not person.is_active:
            return False
        refuse_oneself(actor, person, _("You cannot suspend yourself. Ask another admin to do it."))
        keep(person)
        return True

    return may


def restoring(actor: Actor | None, organisation: Organisation) -> Rule:
    """Return the rule who can be restored after a suspension."""
    protect = protection(actor, organisation)
    is_two = isinstance(organisation, Customer) and needs_second(actor, organisation, Demand.SUPER_ADMINS)

    def may(person: User) -> bool:
        protect(person)
        refuse_deleted(person)
        if person.is_active:
            return False
        if is_two and Role.SUPER_ADMIN in person.roles:
            raise Refused(
                _(
                    "Your organisation makes super admins with two people. Take the role from %(person)s first, restore"
                    " them, then give it back: that waits for another super admin."
                )
                % {"person": isolated(person.name)},
                reason="conditionNotMet",
            )
        return True

    return may


def _set_active(actor: Actor | None, people: Sequence[User], *, active: bool) -> None:
    if not people:
        return
    ids, suspended_at = [person.pk for person in people], None if active else database_now()
    for person in people:
        person.is_active, person.suspended_at = active, suspended_at
    User.objects.filter(pk__in=ids).update(is_active=active, suspended_at=suspended_at)
    if not active:
        end_of_who_left(agents=ids)
    name = EventName.UNSUSPEND_USER if active else EventName.SUSPEND_USER
    old, new = {"active": not active}, {"active": active}
    record_many(
        event(name, actor=actor, customer=person.customer_id, subject=person.email, target=person, old=old, new=new)
        for person in people
    )
