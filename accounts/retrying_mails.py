"""Mails that were given up, and trying them again when the reason is gone."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_operator
from accounts.background.nudging import nudge_after_commit
from accounts.mail.post import SEND_DUE_MAILS
from accounts.models import Mail
from accounts.models.mail import DropReason

# Mails that one press of the button queues again: a statement of a page. What is left is queued by the next one.
AT_MOST = 10_000


def given_up_mails() -> QuerySet[Mail]:
    """Return the mails that were tried ten times in vain."""
    return Mail.objects.filter(dropped_because=DropReason.GAVE_UP)


@transaction.atomic
def retry_given_up_mails(*, actor: Actor | None) -> int:
    """Queue again what was given up, the oldest first; return how many mails that are.

    Whether its recipient may still get it is asked when it is sent (S7). Raises PermissionDenied for anybody but a
    vendor operator.
    """
    authorise_operator(actor)
    mails = list(given_up_mails().order_by("queued_at").values_list("pk", flat=True)[:AT_MOST])
    again = given_up_mails().filter(pk__in=mails)
    number = again.update(dropped_because="", attempts=0, next_attempt_at=Now())
    if number:
        record_audit(EventName.RETRY_MAILS, actor=actor, customer=None, new={"mails": number})
        nudge_after_commit(SEND_DUE_MAILS)
    return number
