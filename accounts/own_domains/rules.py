"""What holds for every verb about domains: who may do it, and what is locked in which order (P9)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.authorisation import authorise, authorise_reseller, holds
from accounts.directory.rules import lock_organisation
from accounts.domain_holders import lock_domains, rows_of
from accounts.errors import Refused
from accounts.models import Customer, Domain, Reseller
from accounts.organisations import Organisation
from accounts.permissions import Permission
from accounts.roles import Role


def lock_for_domains(actor: Actor | None, organisation: Organisation, name: str) -> Organisation:
    """Lock an organisation and a canonical name, and let through who may change its domains at this moment.

    The system and the vendor's operators; a customer's super admins, a reseller's admins. Nobody takes an address at
    that name, or one around it, until the transaction ends. Returns the organisation as it is now. Raises
    PermissionDenied.
    """
    locked = lock_organisation(organisation)
    _require(actor, locked)
    lock_domains([name], exclusive=True)
    return locked


def lock_row(owner: Organisation, name: str) -> Domain:
    """Return the row of a name, locked; the organisation and the name are. Raises Refused where it is gone."""
    rows = rows_of(owner).select_related("customer", "reseller").select_for_update(of=("self",))
    row = rows.filter(name=name).first()
    if row is None:
        raise Refused(_("This domain is not in your list any more."), reason="notFound")
    return row


def _require(actor: Actor | None, organisation: Organisation) -> None:
    if actor is None or holds(actor, Role.VENDOR_OPERATOR):
        return
    if isinstance(organisation, Customer):
        authorise(actor, Permission.MANAGE_DOMAINS, organisation)
    elif isinstance(organisation, Reseller):
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), organisation.pk)
    else:
        raise PermissionDenied(_("Your role does not allow this."))
