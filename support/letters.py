"""Writes a queued mail at the moment it is sent: whether the recipient may see it (S7), and its words.

Mails tell that something happened and where to read it; the content of cases stays in the console.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.effective import database_now
from support.assignments import can_be_decided, new_link
from support.look_up import may_verify
from support.models import CareMigration, Mail, SupportAssignment
from support.models.mail import MailKind
from support.models.partner import AssignmentStatus
from support.schedule import moves_on
from support.scope import cases_visible_to


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it goes out. id: the same for each attempt to send the same words."""

    to: str
    subject: str
    body: str
    id: str

    def as_message(self) -> EmailMessage:
        return EmailMessage(
            self.subject, self.body, to=[self.to], headers={"Message-ID": self.id, "Auto-Submitted": "auto-generated"}
        )


Context = dict[str, Any]


def write_letter(mail: Mail) -> Letter | None:
    """Return the mail in its recipient's language; None where it is not for them any more."""
    recipient = User.objects.select_related("customer", "reseller").get(pk=mail.recipient_id)
    if not recipient.is_active:
        return None
    with translation.override(recipient.language or settings.LANGUAGE_CODE), timezone.override(_zone(recipient)):
        context = _CONTEXTS[MailKind(mail.kind)](mail, recipient)
        if context is None:
            return None
        context |= {"recipient": recipient, "vendor_name": settings.VENDOR_NAME, "console_url": settings.CONSOLE_URL}
        subject = " ".join(render_to_string(f"support/mail/{mail.kind}_subject.txt", context).split())
        body = render_to_string(f"support/mail/{mail.kind}.txt", context).strip() + "\n"
    return Letter(recipient.email, subject, body, _message_id(mail))


def address_of(url_name: str, **kwargs: Any) -> str:
    """Return the full address of a page, for a mail."""
    return settings.CONSOLE_URL.rstrip("/") + reverse(url_name, kwargs=kwargs)


def _zone(person: User) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(person.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def _message_id(mail: Mail) -> str:
    # Each attempt at a verification mail carries another link: a mail system must not take it for the one before.
    attempt = f".{mail.attempts}" if mail.kind == MailKind.VERIFY_ASSIGNMENT else ""
    host = urlsplit(settings.CONSOLE_URL).hostname or "localhost"
    return f"<support.{mail.pk}{attempt}@{host}>"


@transaction.atomic
def _verify_assignment(mail: Mail, recipient: User) -> Context | None:
    """Make the link, where the request is still open and this person may still confirm it (S4)."""
    assignment = (
        SupportAssignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("customer", "reseller", "requested_by")
        .get(mails=mail)
    )
    if not can_be_decided(assignment, database_now()) or may_verify(recipient.email) != recipient:
        return None
    return {"assignment": assignment, "url": address_of("support_verify", token=new_link(assignment))}


def _assignment_decided(mail: Mail, recipient: User) -> Context | None:
    assignment = SupportAssignment.objects.select_related("customer", "reseller").get(mails=mail)
    if not recipient.has_perm(Permission.MANAGE_SUPPORT_PARTNERS, assignment.customer):
        return None
    return {
        "assignment": assignment,
        "confirmed": assignment.status != AssignmentStatus.DECLINED,
        "url": address_of("support_partners", domain=assignment.customer.primary_domain),
    }


def _case_changed(mail: Mail, recipient: User) -> Context | None:
    event = mail.case_event
    assert event is not None
    case = cases_visible_to(recipient).select_related("customer").filter(pk=event.case_id).first()
    if case is None or not case.subscribers.filter(person=recipient).exists():
        return None
    domain = case.customer.primary_domain
    own = address_of("support_case", domain=domain, case_id=case.pk) if recipient.customer_id else ""
    return {"case": case, "event": event, "url": own or address_of("reseller_case", case_id=case.pk)}


def _care_migration(mail: Mail, recipient: User) -> Context | None:
    customer = recipient.customer
    if customer is None or Role.SUPER_ADMIN not in recipient.roles:
        return None
    moved = CareMigration.objects.filter(customer=customer, migrated_at__isnull=False).exists()
    if moved and mail.kind == MailKind.CARE_MIGRATION_ANNOUNCED:
        return None
    return {
        "customer": customer,
        "moves_on": moves_on(customer),
        "url": address_of("support_contracts" if moved else "support_partners", domain=customer.primary_domain),
    }


_CONTEXTS: dict[MailKind, Callable[[Mail, User], Context | None]] = {
    MailKind.VERIFY_ASSIGNMENT: _verify_assignment,
    MailKind.ASSIGNMENT_DECIDED: _assignment_decided,
    MailKind.CASE_CHANGED: _case_changed,
    MailKind.CARE_MIGRATION_ANNOUNCED: _care_migration,
    MailKind.CARE_MIGRATION_DONE: _care_migration,
}
