"""Sends queued mail; any number of workers may run it at once.

A mail is an effect outside the database, so it cannot be made in the transaction that claims its row
(a worker killed there would double it whenever it is claimed again). Instead:

1. claim: in a transaction of its own the row gets `claimed_at`, one more attempt, and a lease: nobody else
   takes it before `next_attempt_at`;
2. ask whether the recipient may see it at this moment (S7), write it in their language, and send it;
3. mark it as sent.

A worker that dies before 2 loses nothing: the mail is tried again when the lease is over. One that dies
between 2 and 3 cannot know whether the mail arrived: it is sent once more after the lease, at most once for each
attempt, with the same Message-ID, by which mail systems recognise what they have already.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.mail.writing import WrittenMail, write_mail
from accounts.models import Mail
from accounts.models.mail import DropReason

logger = logging.getLogger(__name__)

# How long a worker may take with one mail; far above EMAIL_TIMEOUT, below what a person waits for.
LEASE = timedelta(minutes=10)
# Before the second try, doubled with each further one, and the longest pause: ten tries in about four hours.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
MAX_ATTEMPTS = 10
# SMTP answers from here on are final: the address does not exist, or does not want our mail.
FINAL_ANSWER = 500


def send_due_mails() -> int:
    """Send everything that is due; returns how many mails were taken up."""
    return sum(due_mails())


def due_mails() -> Iterator[int]:
    """Send what is due, mail after mail; yields 1 for each that was taken up."""
    while (mail := _claim()) is not None:
        _send(mail)
        yield 1


@transaction.atomic
def _claim() -> Mail | None:
    due = Mail.objects.filter(sent_at=None, dropped_because="", next_attempt_at__lte=Now())
    mail = due.order_by("next_attempt_at", "pk").select_for_update(skip_locked=True, no_key=True).first()
    if mail is not None:
        taken = Mail.objects.filter(pk=mail.pk)
        taken.update(attempts=F("attempts") + 1, claimed_at=Now(), next_attempt_at=Now() + LEASE)
        mail.attempts += 1
    return mail


def _send(mail: Mail) -> None:
    try:
        written = write_mail(mail)
        if written is None:
            _drop(mail, DropReason.NOT_FOR_THEM)
            return
        hand_over(written)
    except SMTPRecipientsRefused as error:
        final = all(code >= FINAL_ANSWER for code, _text in error.recipients.values())
        _drop(mail, DropReason.REFUSED, str(error)) if final else _postpone(mail, error)
    except Exception as error:  # noqa: BLE001  one mail that cannot be sent must not hold up the others
        _postpone(mail, error)
    else:
        Mail.objects.filter(pk=mail.pk).update(sent_at=Now(), error="")


def hand_over(written: WrittenMail) -> None:
    """Give a mail to the mail server."""
    written.as_message().send()


def _postpone(mail: Mail, error: Exception) -> None:
    logger.warning("mail %s was not sent: %s", mail.pk, error)
    if mail.attempts >= MAX_ATTEMPTS:
        _drop(mail, DropReason.GAVE_UP, str(error))
        return
    pause = min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    Mail.objects.filter(pk=mail.pk).update(error=str(error), next_attempt_at=Now() + pause)


def _drop(mail: Mail, reason: DropReason, error: str = "") -> None:
    Mail.objects.filter(pk=mail.pk).update(dropped_because=reason, error=error)
