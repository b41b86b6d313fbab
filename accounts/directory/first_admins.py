"""The first super admin of a customer that a reseller registered, and giving a role as such (P7, R14; decision 50)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.invitations import limit_reached, send_invitations
from accounts.directory.passwords import unusable_password
from accounts.directory.rules import lock_person, refuse_deleted
from accounts.errors import Refused
from accounts.models import Customer, RoleAssignment, User
from accounts.organisations import is_founder
from accounts.roles import Role


@transaction.atomic
def make_first_super_admin(*, actor: Actor, person: User, invite: bool = True) -> None:
    """Make a person the first super admin of a customer that the actor's reseller registered (P7, R14).

    They choose their own password by a link: the reseller knows none. So it is nobody who could sign in before.
    Without a fresh proof (P13): nobody is there yet who would lose anything, and machines do it.
    invite: send that link; not where the verb around this one does.
    Raises PermissionDenied where a role was held before; Refused for a person who has signed in.
    """
    person = lock_person(person)
    customer = person.customer
    if customer is None or not is_founder(actor, customer):
        raise PermissionDenied(_("Your role does not allow this."))
    refuse_deleted(person)
    if person.last_login is not None or not person.is_active:
        text = _("The first super admin is a person who has not signed in yet, and who can.")
        raise Refused(text, "email", reason="conditionNotMet")
    if person.has_usable_password():
        person.password, person.must_change_password = unusable_password(), False
        person.save(update_fields=["password", "must_change_password"])
    give_role(actor, person, Role.SUPER_ADMIN)
    if invite and send_invitations(actor, customer, [person]):
        raise Refused(limit_reached(), "email", reason="conditionNotMet")


def give_role(actor: Actor | None, person: User, role: Role) -> None:
    """Write a role that a verb has decided on, with its event."""
    RoleAssignment.objects.create(user=person, role=role)
    if person.customer_id is not None:
        # R14: who registered their customer makes nobody else an admin there, whatever becomes of this role.
        Customer.objects.filter(pk=person.customer_id, registered_by__isnull=False).update(registered_by=None)
    record_audit(
        EventName.ASSIGN_ROLE,
        actor=actor,
        customer=person.customer_id,
        subject=person.email,
        target=person,
        new={"role": role},
    )
