"""The verbs of webhooks (X6): added, with another secret, paused, resumed, removed.

An endpoint belongs to the organisation, not to the person who added it: it works on when they leave.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.authorisation import require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.event_families import Family
from accounts.locking import taking_away
from accounts.models import Customer, WebhookEndpoint
from accounts.models.webhooks import ENDPOINT_NAME_MAX_LENGTH, PausedBecause
from accounts.organisations import Organisation, clean_name, refuse_duplicate
from accounts.webhooks.outgoing import is_allowed_url
from accounts.webhooks.rules import (
    BAD_URL,
    about_webhook,
    endpoints_of,
    families_for,
    lock_and_authorise,
    lock_endpoint,
    record_webhook,
    require_endpoint,
)
from accounts.webhooks.signing import OVERLAP, new_secret, sealed

# Of one organisation at a time: each costs a message for each event.
MOST: Final = 10


@transaction.atomic
def add_webhook(*, actor: Actor, organisation: Organisation, name: str, url: str, families: Collection[Family]) -> str:
    """Let a URL hear of the events of some families, from now on (X6).

    Returns the secret that messages are signed with, which is shown once. Raises Refused; ProofNeeded where the actor's
    last proof is too old (P13): what happens here is given to a program; PermissionDenied for anybody but an admin.
    """
    organisation = lock_and_authorise(actor, organisation)
    name, url = clean_name(name, max_length=ENDPOINT_NAME_MAX_LENGTH), url.strip()
    if not is_allowed_url(url):
        raise Refused(BAD_URL, "url")
    chosen = [each for each in families_for(organisation) if each in families]
    if not chosen or len(chosen) < len(set(families)):
        raise Refused(_("Choose what the webhook is to hear of."), "families")
    if endpoints_of(organisation).count() >= MOST:
        raise Refused(_("There are %(number)s webhooks already. Remove one that is not needed.") % {"number": MOST})
    require_fresh_proof(actor)
    secret = new_secret()
    owner = {"customer" if isinstance(organisation, Customer) else "reseller": organisation}
    with refuse_duplicate(_("Another webhook has this name. Choose another one."), "name"):
        endpoint = WebhookEndpoint.objects.create(
            **owner,
            name=name,
            url=url,
            families=[str(each) for each in chosen],
            secret=sealed(secret),
            made_by=actor.user,
        )
    record_webhook(EventName.CREATE_WEBHOOK, actor, endpoint, host=urlsplit(url).netloc, families=endpoint.families)
    return secret


@transaction.atomic
def rotate_webhook_secret(*, actor: Actor, endpoint: WebhookEndpoint) -> str:
    """Give an endpoint another secret. For a day messages carry a signature of the one before too.

    Returns the new one, which is shown once. Raises Refused where it was removed; ProofNeeded, PermissionDenied as
    add_webhook().
    """
    found = require_endpoint(actor, endpoint)
    require_fresh_proof(actor)
    secret = new_secret()
    found.old_secret, found.old_secret_until = found.secret, database_now() + OVERLAP
    found.secret = sealed(secret)
    found.save(update_fields=["secret", "old_secret", "old_secret_until"])
    record_webhook(EventName.ROTATE_WEBHOOK_SECRET, actor, found)
    return secret


@taking_away()
def pause_webhook(*, actor: Actor, endpoint: WebhookEndpoint) -> bool:
    """Send nothing to an endpoint until it is resumed. Returns False where it is paused, or gone, already."""
    found = lock_endpoint(actor, endpoint)
    if found is None or found.paused_at is not None:
        return False
    found.paused_at, found.paused_because = database_now(), PausedBecause.ADMIN
    found.save(update_fields=["paused_at", "paused_because"])
    record_webhook(EventName.PAUSE_WEBHOOK, actor, found, reason=PausedBecause.ADMIN)
    return True


@transaction.atomic
def resume_webhook(*, actor: Actor, endpoint: WebhookEndpoint) -> bool:
    """Send again to an endpoint that was paused: what waited since, and what happens from now on.

    What happened while it was paused was not queued. Returns False where it is not paused. Raises Refused where it was
    removed; ProofNeeded, PermissionDenied as add_webhook().
    """
    found = require_endpoint(actor, endpoint)
    if found.paused_at is None:
        return False
    require_fresh_proof(actor)
    found.paused_at, found.paused_because, found.held_until, found.failures = None, "", None, 0
    found.save(update_fields=["paused_at", "paused_because", "held_until", "failures"])
    now = database_now()
    # Three days from now, or the first message would pause it again at once.
    found.deliveries.filter(settled_at=None).update(due_since=now, next_attempt_at=now, attempts=0)
    record_webhook(EventName.RESUME_WEBHOOK, actor, found)
    return True


@taking_away()
def remove_webhook(*, actor: Actor, endpoint: WebhookEndpoint) -> bool:
    """Remove an endpoint: nothing is sent from now on, and its secrets are forgotten. Returns whether it was there."""
    found = lock_endpoint(actor, endpoint)
    if found is None:
        return False
    found.removed_at = database_now()
    found.secret = found.old_secret = ""
    found.save(update_fields=["removed_at", "secret", "old_secret"])
    record_webhook(EventName.REMOVE_WEBHOOK, actor, found)
    return True


def pause_all_webhooks(now: datetime) -> int:
    """Pause every endpoint; returns how many. Part of the verb that restores a backup: some were removed since then.

    Whose they are is told, and resumes those that are still wanted.
    """
    live = WebhookEndpoint.objects.filter(removed_at=None, paused_at=None).select_related("reseller")
    endpoints = list(live.select_for_update(of=("self",)).order_by("pk"))
    WebhookEndpoint.objects.filter(pk__in=[each.pk for each in endpoints]).update(
        paused_at=now, paused_because=PausedBecause.RESTORED
    )
    record_many(
        event(EventName.PAUSE_WEBHOOK, **about_webhook(each), actor=None, new={"reason": PausedBecause.RESTORED})
        for each in endpoints
    )
    return len(endpoints)
