"""What tests of support need beyond the cast: who acts, requests at any point of their life, and mails."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.actor import Actor
from accounts.mail import sending
from accounts.models import AuditEvent, Customer, User
from subscriptions.access import propagation
from support import cases, partners
from support.attachments import check
from support.file_storage import name_of
from support.migration import migrate_customer
from support.models import CareMigration, Case, SupportAssignment
from support.models.case import Priority
from support.models.partner import Service
from tests.access.world import sell
from tests.cast import Cast, CustomerCast, ResellerCast
from tests.factories import fresh

WORKSPACE, CLOUD, CHROME, VOICE = Service


def path_of(id: uuid.UUID) -> Path:  # noqa: A002  the column's name
    """Where a file of a case is, where files are in a folder."""
    return Path(settings.MEDIA_ROOT) / name_of(id)


def acting(person: User) -> Actor:
    return Actor(fresh(person), "192.0.2.9")


def ask(
    customer: CustomerCast, reseller: ResellerCast, service: Service = WORKSPACE, *, verifier: User | None = None
) -> SupportAssignment:
    """A pending request whose mail waits to be sent."""
    return partners.assign_support_partner(
        actor=acting(customer.support_manager),
        customer=customer.customer,
        service=service,
        reseller=reseller.reseller,
        verifier_email=(verifier or reseller.support_agent).email,
    )


def token_sent() -> str:
    """Let a worker send what waits; the token in the last mail with a link."""
    sending.send_due_mails()
    tokens: list[str] = re.findall(r"/support/verify/([\w-]+)/", "".join(str(sent.body) for sent in mail.outbox))
    return tokens[-1]


def confirm(assignment: SupportAssignment) -> SupportAssignment:
    assert assignment.verifier
    return partners.decide_by_link(actor=acting(assignment.verifier), token=token_sent(), confirm=True)


def active(customer: CustomerCast, reseller: ResellerCast, service: Service = WORKSPACE) -> SupportAssignment:
    return confirm(ask(customer, reseller, service))


def remove(customer: CustomerCast, assignment: SupportAssignment) -> None:
    partners.remove_support_partner(
        actor=acting(customer.support_manager), customer=customer.customer, assignment_id=assignment.pk
    )


def move(customer: Customer) -> None:
    """A customer moves to the Customer Care Portal, and what its contracts open is in force (S9)."""
    migrate_customer(actor=None, customer=customer)
    propagation.apply_due_changes()


def open_console(cast: Cast) -> None:
    """Acme buys from Resale One, whose access is then in force (R1)."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagation.apply_due_changes()


def make_case(customer: Customer, filed_by: User, service: Service = WORKSPACE, title: str = "Mail is late") -> Case:
    return Case.objects.create(
        customer=customer,
        service=service,
        category="mail",
        title=title,
        description="It takes hours.",
        priority=Priority.P2,
        language="en",
        time_zone="UTC",
        filed_by=filed_by,
    )


def pass_days(days: float) -> None:
    """Let time pass for every assignment, look-up and mail: the database's clock rules."""
    by = {"by": days}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE support_supportassignment SET requested_at = requested_at - %(by)s * interval '1 day',"
            " expires_at = expires_at - %(by)s * interval '1 day'",
            by,
        )
        cursor.execute("UPDATE support_lookup SET at = at - %(by)s * interval '1 day'", by)
        cursor.execute("UPDATE accounts_mail SET next_attempt_at = next_attempt_at - %(by)s * interval '1 day'", by)


def status(assignment: SupportAssignment) -> str:
    return SupportAssignment.objects.values_list("status", flat=True).get(pk=assignment.pk)


def event_names(customer: Customer, prefix: str = "") -> list[str]:
    names = AuditEvent.objects.filter(customer_id=customer.pk, name__startswith=prefix).order_by("pk")
    return list(names.values_list("name", flat=True))


def moved(customer: Customer) -> bool:
    return CareMigration.objects.filter(customer=customer, migrated_at__isnull=False).exists()


def sent(name: str, content: bytes, content_type: str = "text/html") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def attach(case: Case, person: User, *contents: bytes) -> None:
    files = check([sent("a.txt", content) for content in contents])
    cases.comment(actor=acting(person), case_id=case.pk, text="", files=files)


TYPED = {
    "service": "google_workspace",
    "category": "mail.delivery",
    "title": "Mail is late",
    "description": "It takes hours.",
    "priority": "P1",
    "language": "fr",
    "time_zone": "Europe/Paris",
    "subscribers": "",
}
