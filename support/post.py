"""Queues mail: a row in the transaction of what it tells about, and a nudge after its commit."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from support.models import CaseEvent, Mail, SupportAssignment
from support.models.mail import MailKind
from support.nudging import nudge_after_commit


def queue(
    kind: MailKind,
    recipients: Iterable[User],
    *,
    case_event: CaseEvent | None = None,
    assignment: SupportAssignment | None = None,
) -> None:
    """Queue one mail for each recipient. Whether they may see it is asked when it is sent (S7)."""
    rows = [Mail(kind=kind, recipient=person, case_event=case_event, assignment=assignment) for person in recipients]
    if rows:
        # A case event mails each person once, however often it is queued.
        Mail.objects.bulk_create(rows, ignore_conflicts=case_event is not None)
        nudge_after_commit()
