"""Which service accounts a reseller registered to be notified of what happens to what it sold."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_reseller
from accounts.errors import Refused
from accounts.models import Reseller, ServiceAccount
from accounts.roles import Role
from subscriptions.models import NotifiedAccount
from subscriptions.notifying import notified_webhooks


def notified_accounts(reseller: Reseller) -> QuerySet[NotifiedAccount]:
    """Return the accounts of a reseller that are registered, by their addresses."""
    return NotifiedAccount.objects.filter(reseller=reseller).order_by("email")


@transaction.atomic
def register_account(*, actor: Actor, reseller: Reseller, email: str) -> NotifiedAccount:
    """Register a service account of this reseller's own; repeating it changes nothing.

    Notifications go to the reseller's webhooks that hear of subscriptions (notifying.py). Raises Refused where there
    is none, and for an account that it has not; PermissionDenied for anybody but its admins.
    """
    _lock(actor, reseller)
    accounts = ServiceAccount.objects.filter(reseller=reseller, deleted_at=None, oauth_client=None)
    account = accounts.filter(email=email.strip().lower()).first()
    if account is None:
        raise Refused(_("Your organisation has no service account with this address."), "email", reason="notFound")
    if not notified_webhooks(reseller).exists():
        text = _(
            "No webhook of your organisation hears of subscriptions, so that nothing could be delivered."
            " Add one on the page Webhooks first."
        )
        raise Refused(text, reason="conditionNotMet")
    found, is_new = NotifiedAccount.objects.get_or_create(reseller=reseller, email=account.email)
    if is_new:
        _record(EventName.REGISTER_NOTIFICATIONS, actor, account.email)
    return found


@transaction.atomic
def unregister_account(*, actor: Actor, reseller: Reseller, email: str) -> None:
    """Notify a service account no more. Raises Refused for one that is not registered."""
    _lock(actor, reseller)
    found = notified_accounts(reseller).filter(email=email.strip().lower()).first()
    if found is None:
        raise Refused(_("This service account is not registered."), "email", reason="notFound")
    found.delete()
    _record(EventName.UNREGISTER_NOTIFICATIONS, actor, found.email)


def _lock(actor: Actor, reseller: Reseller) -> None:
    Reseller.objects.select_for_update(no_key=True).get(pk=reseller.pk)
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), reseller.pk)


def _record(name: EventName, actor: Actor, email: str) -> None:
    record_audit(name, actor=actor, customer=None, subject=email)
