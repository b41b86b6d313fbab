"""Queues messages for endpoints: those of events are queued with the event (accounts/event_rows.py), all others here.

For a package that tells programs something of its own, such as channels and registrations of the API:

1. Make a WebhookEndpoint with a `kind` of your own (`new_endpoint`): admins do not see it on the page *Webhooks*, and
   it hears of no events by itself. Your verb decides who may, and writes the audit event.
2. Say in a dictionary how your messages are written, and name it in settings.WEBHOOK_WRITERS: by kind, a function from
   the delivery to a Message, or None where it is not for this organisation any more. It is asked at each try, so ask
   the right there. Where the words are made when it is queued, `as_queued` is that function.
3. In the transaction of what it tells, call `queue`. The message is sent at least once, as all webhooks are: signed
   (X6), with retries for three days, then the endpoint is paused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.background.nudging import nudge_after_commit
from accounts.errors import Refused
from accounts.event_rows import SEND_WEBHOOKS
from accounts.models import Customer, WebhookDelivery, WebhookEndpoint
from accounts.models.organisations import Organisation
from accounts.webhooks.outgoing import is_allowed_url
from accounts.webhooks.rules import BAD_URL
from accounts.webhooks.signing import new_secret, sealed

TEST: Final = "test"


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. headers: beside those of the signature, such as `X-Goog-Resource-State`."""

    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


Writer = Callable[[WebhookDelivery], Message | None]


def new_endpoint(*, organisation: Organisation, kind: str, name: str, url: str) -> WebhookEndpoint:
    """Make an endpoint of a kind of its own; part of the verb that registers it. Raises Refused for a URL within.

    name: by which its messages are found, such as the number of a channel.
    """
    if not is_allowed_url(url):
        raise Refused(BAD_URL, "url")
    owner = {"customer" if isinstance(organisation, Customer) else "reseller": organisation}
    return WebhookEndpoint.objects.create(**owner, kind=kind, name=name, url=url, secret=sealed(new_secret()))


def queue(
    endpoint: WebhookEndpoint,
    kind: str,
    *,
    type: str,  # noqa: A002  as Standard Webhooks calls it
    about_id: int | None = None,
    body: str = "",
    headers: Mapping[str, str] | None = None,
) -> WebhookDelivery:
    """Queue one message for an endpoint, in the transaction of what it tells.

    kind: which writer of settings.WEBHOOK_WRITERS makes its words. type: what admins and logs call it.
    about_id: the row that the writer reads. body, headers: the words, for a writer that takes them as they are.
    """
    row = WebhookDelivery.objects.create(
        endpoint=endpoint, kind=kind, type=type, about_id=about_id, body=body, headers=dict(headers or {})
    )
    nudge_after_commit(SEND_WEBHOOKS)
    return row


def as_queued(delivery: WebhookDelivery) -> Message:
    """Write a message whose words were made when it was queued."""
    return Message(delivery.body, delivery.headers)


@cache
def writers() -> Mapping[str, Writer]:
    """Return those of every package."""
    found: dict[str, Writer] = {}
    for path in settings.WEBHOOK_WRITERS:
        found |= import_string(path)
    return found
