"""Queues mail: a row in the transaction of what it tells about, and a nudge after its commit."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.background.nudging import nudge_after_commit
from accounts.models import Mail, User

SEND_DUE_MAILS = "accounts.tasks.send_due_mails"


def queue(
    kind: str, recipients: Iterable[User], *, about_id: int | None = None, once: bool = False, nudge: bool = True
) -> None:
    """Queue one mail for each recipient. Whether they may still get it is asked when it is sent (S7).

    kind: one that a writer of settings.MAIL_WRITERS knows. about_id: the row it is about.
    once: each person gets one about this row, however often it is queued. nudge: whether to ask a worker
    at once; otherwise the sweep finds the mail (MAIL_SWEEP_INTERVAL).
    """
    rows = [Mail(kind=kind, recipient=person, about_id=about_id, once=once) for person in recipients]
    if rows:
        Mail.objects.bulk_create(rows, ignore_conflicts=once)
        if nudge:
            nudge_after_commit(SEND_DUE_MAILS)
