"""Writes a queued mail at the moment it is sent: whether it is still for its recipient (S7), and its words.

Each package says in a dictionary of writers what its kinds of mail are; settings.MAIL_WRITERS names these
dictionaries, so that a new kind of mail is a new writer and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from accounts.models import Mail, User
from accounts.time_zones import zone_of

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """How one kind of mail is written.

    template: the path of its words, without `.txt`; its subject stands beside it (`…_subject.txt`).
    context: what the words need, or None where the mail is not for this person any more.
    language: the language of a recipient who has not chosen one; empty for that of the installation.
    also_to_inactive: whether it is for those too who are suspended or deleted since.
    fresh_secret: whether each attempt carries another link; a mail system must not take it for the one before.
    """

    template: str
    context: Callable[[Mail, User], Context | None]
    fresh_secret: bool = False
    language: Callable[[Mail], str] = lambda _mail: ""
    also_to_inactive: bool = False


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """One mail as it goes out. id: the same for each attempt to send the same words."""

    to: str
    subject: str
    body: str
    id: str

    def as_message(self) -> EmailMessage:
        return EmailMessage(
            self.subject, self.body, to=[self.to], headers={"Message-ID": self.id, "Auto-Submitted": "auto-generated"}
        )


@cache
def _writers() -> dict[str, Writer]:
    found: dict[str, Writer] = {}
    for path in settings.MAIL_WRITERS:
        found |= import_string(path)
    return found


def write_mail(mail: Mail) -> WrittenMail | None:
    """Return the mail in its recipient's language and time zone; None where it is not for them any more."""
    recipient = User.objects.select_related("customer", "reseller").get(pk=mail.recipient_id)
    writer = _writers()[mail.kind]
    if not (recipient.is_active or writer.also_to_inactive):
        return None
    with (
        translation.override(recipient.language or writer.language(mail) or settings.LANGUAGE_CODE),
        timezone.override(zone_of(recipient.time_zone)),
    ):
        context = writer.context(mail, recipient)
        if context is None:
            return None
        context |= {"recipient": recipient, "vendor_name": settings.VENDOR_NAME, "console_url": settings.CONSOLE_URL}
        subject = " ".join(render_to_string(f"{writer.template}_subject.txt", context).split())
        body = render_to_string(f"{writer.template}.txt", context).strip() + "\n"
    return WrittenMail(recipient.email, subject, body, _message_id(mail, writer))


def _message_id(mail: Mail, writer: Writer) -> str:
    attempt = f".{mail.attempts}" if writer.fresh_secret else ""
    host = urlsplit(settings.CONSOLE_URL).hostname or "localhost"
    return f"<mail.{mail.pk}{attempt}@{host}>"
