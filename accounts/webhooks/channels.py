"""Channels: a machine lets itself be told of the activities that it may read (X5).

It ends within six hours, and whether its person may still read the log is asked with each message. So nothing leaves
here that the machine could not have read itself in the meantime, and no proof is asked for as with a webhook (P13).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import authorise, authorise_reseller, person_now
from accounts.clock import database_now
from accounts.directory.rules import lock_organisation
from accounts.errors import Refused
from accounts.models import ActivityChannel, Customer, Reseller
from accounts.models.channels import CHANNEL_LASTS
from accounts.models.webhooks import ACTIVITY
from accounts.organisations import Organisation, clean_name
from accounts.permissions import Permission
from accounts.roles import RESELLER_ROLES
from accounts.webhooks.queueing import new_endpoint, queue
from accounts.webhooks.rules import families_for, record_webhook

# Of one organisation at a time: each costs a message for each event.
MOST: Final = 20
SYNC: Final = "activity.sync"


@dataclass(frozen=True, slots=True)
class Watch:
    """What a client asks for. name: the client's own id of the channel. asked: as for activities.list.

    until: when it is to end; it ends within six hours. uri: where the client would read it.
    """

    name: str
    url: str
    token: str
    asked: dict[str, Any]
    uri: str
    until: datetime | None = None


@transaction.atomic
def begin_channel(*, actor: Actor, watch: Watch) -> ActivityChannel:
    """Let a URL hear of activities of the actor's own organisation that they may read (A4).

    Raises Refused for a URL within, an id that is in use, and one channel too many; PermissionDenied.
    """
    organisation = _lock_and_authorise(actor)
    now = database_now()
    _end_expired(organisation, now)
    live = _live(organisation)
    if live.filter(endpoint__name=watch.name, person=actor.user).exists():
        raise Refused(_("Another channel has this id."), "id", reason="duplicate")
    if live.count() >= MOST:
        raise Refused(
            _("There are %(number)s channels already. Stop one.") % {"number": MOST}, reason="conditionNotMet"
        )
    name = clean_name(watch.name, field="id")
    endpoint = new_endpoint(organisation=organisation, kind=ACTIVITY, name=name, url=watch.url)
    channel = ActivityChannel.objects.create(
        endpoint=endpoint,
        resource_id=_resource_id(organisation, watch.asked),
        token=watch.token,
        asked=watch.asked,
        uri=watch.uri,
        person=actor.user,
        account=actor.client,
        expires_at=min(watch.until or now + CHANNEL_LASTS, now + CHANNEL_LASTS),
    )
    record_webhook(EventName.CREATE_CHANNEL, actor, endpoint, host=urlsplit(watch.url).netloc)
    # It hears of what happens from now on: of everything, for what was asked for is looked at with each message.
    endpoint.families = [str(each) for each in families_for(organisation)]
    endpoint.save(update_fields=["families"])
    queue(endpoint, ACTIVITY, type=SYNC)
    return channel


@transaction.atomic
def stop_channel(*, actor: Actor, name: str, resource_id: str) -> bool:
    """Stop a channel of the same person; returns whether there was one. Raises PermissionDenied without a person."""
    organisation = _lock(actor)
    person_now(actor)
    live = _live(organisation).filter(endpoint__name=name, resource_id=resource_id, person=actor.user)
    channel = live.select_related("endpoint__customer", "endpoint__reseller").first()
    if channel is None:
        return False
    _end(channel, database_now())
    record_webhook(EventName.STOP_CHANNEL, actor, channel.endpoint)
    return True


def end_channel(channel: ActivityChannel) -> None:
    """Let a channel be over whose time has come, or whose person may not read any more; nothing was decided."""
    _end(channel, database_now())


def _end(channel: ActivityChannel, now: datetime) -> None:
    channel.endpoint.removed_at, channel.endpoint.secret = now, ""
    channel.endpoint.save(update_fields=["removed_at", "secret"])


def _end_expired(organisation: Organisation, now: datetime) -> None:
    for channel in _live(organisation).filter(expires_at__lte=now).select_related("endpoint"):
        _end(channel, now)


def _live(organisation: Organisation) -> Any:
    owner = "customer" if isinstance(organisation, Customer) else "reseller"
    return ActivityChannel.objects.filter(**{f"endpoint__{owner}": organisation, "endpoint__removed_at": None})


def _lock(actor: Actor) -> Organisation:
    organisation = actor.user.customer or actor.user.reseller
    if organisation is None:
        raise PermissionDenied(_("Your role does not allow this."))
    return lock_organisation(organisation)


def _lock_and_authorise(actor: Actor) -> Organisation:
    """Lock the actor's organisation, and let through who may read its log at this instant."""
    organisation = _lock(actor)
    person_now(actor)
    if isinstance(organisation, Customer):
        authorise(actor, Permission.VIEW_AUDIT_LOG, organisation)
    elif isinstance(organisation, Reseller):
        authorise_reseller(actor, RESELLER_ROLES, organisation.pk)
    return organisation


def _resource_id(organisation: Organisation, asked: dict[str, Any]) -> str:
    """Return what stands for what is watched: the same for the same question."""
    whose = organisation.customer_id if isinstance(organisation, Customer) else getattr(organisation, "public_id", "")
    text = json.dumps([whose, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:43]
