"""What tests of the audit log's pages need: events at chosen moments, and what stands in a line."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import AuditEvent, Customer
from tests.client import lines_of


def export(customer: Customer) -> str:
    return reverse("audit_log_export", kwargs={"domain": customer.primary_domain})


def found(pattern: str, response: Any) -> list[str]:
    """What a pattern finds in each line of the table, which it must."""
    matches = [re.search(pattern, line) for line in lines_of(response)]
    assert all(matches)
    return [match[0] for match in matches if match]


def write(customer: Customer | None, actor: Actor | None, subject: str, at: str = "", **details: Any) -> AuditEvent:
    """Write an event, at a moment of the test's choice."""
    with transaction.atomic():
        event = record_audit(
            details.pop("name", EventName.CREATE_USER), actor=actor, customer=customer, subject=subject, **details
        )
    if at:  # the audit log is append only, so the moment is written with a new line of its own
        moved = AuditEvent.objects.values().get(pk=event.pk) | {
            "id": None,
            "at": datetime.fromisoformat(at),
            "subject": f"{subject} then",
        }
        return AuditEvent.objects.create(**moved)
    return event
