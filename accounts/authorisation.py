"""Who is this actor now, and may they? Asked in the transaction that changes something, of the database (P8, R11)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import Customer, User
from accounts.permissions import Permission


def permissions_on(user: User, customer: Customer) -> frozenset[Permission]:
    """Return what this person may do in this console at this instant; asks every backend, caches nothing (R11)."""
    return frozenset(Permission(p) for p in user.get_all_permissions(customer) if p in set(Permission))


def authorise(actor: Actor, permission: Permission, customer: Customer) -> None:
    """Ask again, in the transaction that writes, with what the database says now (P8, R11).

    Raises PermissionDenied where the person may not, or may not any more.
    """
    person = User.objects.filter(pk=actor.user.pk, is_active=True).first()
    if person is None or not person.has_perm(permission, customer):
        raise PermissionDenied(_("Your role does not allow this."))
