"""What several verbs about webhooks share: whose they are, who may, and how they stand in the audit log (X6)."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, authorise_reseller
from accounts.directory.rules import lock_organisation
from accounts.errors import Refused
from accounts.event_families import Family
from accounts.models import Customer, Reseller, WebhookEndpoint
from accounts.models.webhooks import WEBHOOK
from accounts.organisations import Organisation
from accounts.permissions import Permission
from accounts.roles import Role

BAD_URL = gettext_lazy(
    "Enter the URL of a server on the public internet that begins with https://, without a user name and without #."
)
# Of staff hear resellers alone: a customer has none.
_OF_RESELLERS_ONLY: Final = frozenset({Family.STAFF})


def endpoints_of(organisation: Organisation) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints that the admins of an organisation see, the newest first; the vendor has none."""
    found = WebhookEndpoint.objects.filter(kind=WEBHOOK, removed_at=None).order_by("-pk")
    if isinstance(organisation, Customer):
        return found.filter(customer=organisation)
    return found.filter(reseller=organisation if isinstance(organisation, Reseller) else 0)


def running_endpoints() -> QuerySet[WebhookEndpoint]:
    """Return the endpoints of all organisations, of all kinds, to which messages are sent."""
    return WebhookEndpoint.objects.filter(removed_at=None, paused_at=None)


def families_for(organisation: Organisation) -> list[Family]:
    """Return the families of which an organisation can hear."""
    return [each for each in Family if isinstance(organisation, Reseller) or each not in _OF_RESELLERS_ONLY]


def lock_and_authorise(actor: Actor, organisation: Organisation) -> Organisation:
    """Lock an organisation, and let through its super admins, or its reseller admins. Raises PermissionDenied."""
    locked = lock_organisation(organisation)
    if isinstance(locked, Customer):
        authorise(actor, Permission.MANAGE_WEBHOOKS, locked)
    elif isinstance(locked, Reseller):
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), locked.pk)
    else:
        raise PermissionDenied(_("Your role does not allow this."))
    return locked


def lock_endpoint(actor: Actor, endpoint: WebhookEndpoint) -> WebhookEndpoint | None:
    """Return an endpoint as it is now, locked behind its organisation; None where it was removed."""
    organisation = lock_and_authorise(actor, endpoint.organisation)
    return endpoints_of(organisation).select_for_update(no_key=True).filter(pk=endpoint.pk).first()


def require_endpoint(actor: Actor, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Return an endpoint likewise. Raises Refused where it was removed."""
    found = lock_endpoint(actor, endpoint)
    if found is None:
        raise Refused(_("This webhook was removed."))
    return found


def record_webhook(name: EventName, actor: Actor | None, endpoint: WebhookEndpoint, **new: object) -> None:
    """Write an event about an endpoint into its organisation's log. The path and query of a URL may be a secret."""
    record_audit(name, **about_webhook(endpoint), actor=actor, new=new or None)


def about_webhook(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return whose log an event about an endpoint stands in, and by which name."""
    return {"customer": endpoint.customer_id, "subject": endpoint.name, "seen_by": endpoint.reseller}
