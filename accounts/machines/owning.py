"""Whose a service account is: who decides about it, and which an organisation has (X2)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, authorise_operator, authorise_reseller
from accounts.directory.rules import lock_organisation
from accounts.errors import Refused
from accounts.models import Customer, Reseller, ServiceAccount
from accounts.organisations import Organisation
from accounts.permissions import Permission
from accounts.roles import Role


def machines_of(organisation: Organisation) -> QuerySet[ServiceAccount]:
    """Return the service accounts of an organisation and its applications (X7), the deleted too."""
    return ServiceAccount.objects.filter(**owned_by(organisation))


def accounts_of(organisation: Organisation) -> QuerySet[ServiceAccount]:
    """Return the service accounts of an organisation, the deleted too."""
    return machines_of(organisation).filter(oauth_client=None)


def applications_of(organisation: Organisation) -> QuerySet[ServiceAccount]:
    """Return the applications of an organisation that people may allow to act for them, the ended too (X7)."""
    return machines_of(organisation).filter(oauth_client__isnull=False)


def owned_by(organisation: Organisation) -> dict[str, Any]:
    """Return the columns that say whose an account is."""
    if isinstance(organisation, Customer):
        return {"customer": organisation}
    return {"reseller": organisation} if isinstance(organisation, Reseller) else {"is_vendor": True}


def lock_owner(actor: Actor, organisation: Organisation) -> Organisation:
    """Lock an organisation, and let through its super admins, its reseller admins, or the vendor's operators.

    Raises PermissionDenied.
    """
    locked = lock_organisation(organisation)
    if actor.client is not None:
        # A machine makes no machines, whatever the person may whom it acts for (X1).
        raise PermissionDenied(_("Your role does not allow this."))
    if isinstance(locked, Customer):
        authorise(actor, Permission.MANAGE_SERVICE_ACCOUNTS, locked)
    elif isinstance(locked, Reseller):
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), locked.pk)
    else:
        authorise_operator(actor)
    return locked


def lock_account(actor: Actor, account: ServiceAccount) -> ServiceAccount:
    """Return an account as it is now, locked behind its organisation. Raises PermissionDenied.

    Raises Refused for one that was deleted.
    """
    lock_owner(actor, account.organisation)
    found = ServiceAccount.objects.select_for_update(of=("self",)).select_related("customer", "reseller")
    locked = found.get(pk=account.pk)
    if locked.deleted_at is not None:
        raise Refused(
            _("This application was ended.") if locked.oauth_client_id else _("This service account was deleted.")
        )
    return locked


def record(
    name: EventName, actor: Actor | None, account: ServiceAccount, *, old: dict[str, Any] | None = None, **new: Any
) -> None:
    """Write an event about an account into the log of its organisation (A1). new: what is so now."""
    record_audit(
        name,
        actor=actor,
        customer=account.customer,
        subject=account.name,
        target=account,
        seen_by=account.reseller,
        old=old,
        new=new or None,
    )
