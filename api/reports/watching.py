"""Channels: a client is told of activities instead of asking for them, and stops that (X5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from accounts.clock import database_now
from accounts.models.channels import CHANNEL_TOKEN_MAX_LENGTH
from accounts.webhooks.channels import Watch, begin_channel, stop_channel
from api.core.call import Call
from api.core.errors import Invalid, NotFound
from api.core.methods import serves
from api.reports.asked import MY_CUSTOMER, events_asked, log_of

# As the original documents ids of channels.
_ID: Final = re.compile(r"[A-Za-z0-9_+/=-]{1,64}")
# What is no part of the question: pages, and how the answer of a list is read.
_OF_LISTS: Final = frozenset({"maxResults", "pageToken"})
_LONGEST_SECONDS: Final = 10**8


@serves("reports.activities.watch")
def watch(call: Call) -> dict[str, Any]:
    """Tell a URL of the activities that match, from now on, for six hours at most. What cannot be listed is refused."""
    sent = call.body
    name, token = sent.get("id", ""), sent.get("token", "")
    if not _ID.fullmatch(name):
        raise Invalid("id", "id has 1 to 64 letters, digits and - _ + / =")
    if sent.get("type") not in ("web_hook", "webhook"):
        raise Invalid("type", "type is web_hook.")
    if len(token) > CHANNEL_TOKEN_MAX_LENGTH or not token.isprintable() or not token.isascii():
        raise Invalid("token")
    asked = {key: value for key, value in call.params.items() if key not in _OF_LISTS}
    events_asked(asked, log_of(call.actor.user, asked.get("customerId", MY_CUSTOMER)))
    path = call.request.path.removesuffix("/watch")
    channel = begin_channel(
        actor=call.actor,
        watch=Watch(
            name=name,
            url=sent.get("address", ""),
            token=token,
            asked=asked,
            uri=call.request.build_absolute_uri(path),
            until=_until(sent),
        ),
    )
    return {
        "kind": "api#channel",
        "id": name,
        "resourceId": channel.resource_id,
        "resourceUri": channel.uri,
        "expiration": str(int(channel.expires_at.timestamp() * 1000)),
        **({"token": token} if token else {}),
    }


@serves("admin.channels.stop")
def stop(call: Call) -> None:
    """Stop a channel that this person began."""
    if not stop_channel(actor=call.actor, name=call.body.get("id", ""), resource_id=call.body.get("resourceId", "")):
        raise NotFound("id")


def _until(sent: dict[str, Any]) -> datetime | None:
    """Return when a channel is to end: at a moment in milliseconds, or after some seconds. Raises Invalid."""
    now = database_now()
    if milliseconds := sent.get("expiration"):
        if milliseconds <= now.timestamp() * 1000:
            raise Invalid("expiration")
        return datetime.fromtimestamp(min(milliseconds / 1000, now.timestamp() + _LONGEST_SECONDS), UTC)
    seconds = sent.get("params", {}).get("ttl", "")
    if not seconds:
        return None
    if not (seconds.isascii() and seconds.isdigit() and int(seconds[:9]) > 0 and len(seconds) < 9):
        raise Invalid("params.ttl")
    return now + timedelta(seconds=int(seconds))
