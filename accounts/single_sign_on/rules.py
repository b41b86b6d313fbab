"""What holds for every verb about single sign-on: who may do it, and what is locked in which order (P15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, authorise_reseller
from accounts.directory.rules import lock_organisation
from accounts.errors import Refused
from accounts.models import Customer, IdentityProvider, Reseller
from accounts.permissions import Permission
from accounts.roles import Role

GONE: Final = _("Single sign-on is not set up any more.")


def lock_for_sign_in(actor: Actor, organisation: Customer | Reseller) -> Customer | Reseller:
    """Lock an organisation, and let through who may change its sign-in at this moment: super and reseller admins.

    Returns it as it is now. Raises PermissionDenied.
    """
    locked = lock_organisation(organisation)
    assert isinstance(locked, Customer | Reseller)
    if isinstance(locked, Customer):
        authorise(actor, Permission.MANAGE_SINGLE_SIGN_ON, locked)
    else:
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), locked.pk)
    return locked


def locked_provider(actor: Actor, provider: IdentityProvider) -> IdentityProvider:
    """Return a provider as it is now, locked behind its organisation as above. Raises Refused where it is gone."""
    row = row_of(lock_for_sign_in(actor, owner_of(provider)))
    if row is None or row.pk != provider.pk:
        raise Refused(GONE, reason="notFound")
    return row


def row_of(organisation: Customer | Reseller) -> IdentityProvider | None:
    """Return what a locked organisation has set up, locked; None where that is nothing."""
    rows = IdentityProvider.objects.select_related("customer", "reseller").select_for_update(of=("self",))
    return rows.filter(**columns_of(organisation)).first()


def columns_of(organisation: Customer | Reseller) -> dict[str, Customer | Reseller]:
    """Return the column by which a row is an organisation's."""
    return {"customer": organisation} if isinstance(organisation, Customer) else {"reseller": organisation}


def owner_of(provider: IdentityProvider) -> Customer | Reseller:
    """Return the organisation that a provider belongs to."""
    owner = provider.customer or provider.reseller
    assert owner is not None
    return owner


def record_about(
    provider: IdentityProvider,
    name: EventName,
    *,
    actor: Actor | None,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> None:
    """Write an event about an organisation's provider, in the transaction of the change (A1)."""
    owner, subject = owner_of(provider), provider.issuer
    record_audit(name, actor=actor, customer=provider.customer_id, subject=subject, target=owner, old=old, new=new)
