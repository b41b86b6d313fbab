"""What a restored backup must not do again: sign people in, send mail twice, give numbers out twice.

Parts of the verb in subscriptions/restoring.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import ConsoleSession, Mail, Notification, UntoldEvent
from accounts.models.entries import EndReason
from accounts.models.mail import DropReason
from accounts.models.notices import HowSoon

# By how much every number jumps where nobody knows the last one that was given: of cases, jobs, orders, mails
# (their Message-IDs), events. More than any installation gives between a backup and its loss.
GAP: Final = 1_000_000


def waiting_mails() -> QuerySet[Mail]:
    """Return the mails that are neither sent nor given up."""
    return Mail.objects.filter(sent_at=None, dropped_because="")


def drop_waiting_mails() -> int:
    """Send nothing that waited when the backup was taken: by now it has most likely gone out. Returns how many mails.

    Nor tell again of what was still to be told, or to stand in the mail of a day (R25).
    """
    UntoldEvent.objects.all().delete()
    Notification.objects.filter(mailing=HowSoon.DAILY, mail_id=None).update(mailing="")
    return waiting_mails().update(dropped_because=DropReason.RESTORED)


def end_all_sessions() -> int:
    """Sign everybody out with their next request, and out of every console; returns how many sessions that were.

    Everybody: a session that its owner, or an admin, has ended since is among them too.
    """
    ConsoleSession.objects.filter(ended_at=None).update(ended_at=Now(), ended_because=EndReason.OVER)
    UserSession.objects.all().delete()
    return Session.objects.all().delete()[0]


def jump_ahead(last_numbers: Mapping[str, int] | None) -> None:
    """Let no sequence give a number again that people or other systems know from before the restore.

    last_numbers: the last one of each sequence in the old database; None where that is gone. What a sequence gives is
    never taken back, so a run that is killed behind this only leaves a larger gap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename::text, coalesce(last_value, 0), max_value FROM pg_sequences"
            " WHERE schemaname = 'public' ORDER BY sequencename"
        )
        for name, last, highest in cursor.fetchall():
            ahead = last + GAP if last_numbers is None else last_numbers.get(name, 0)
            if last < ahead < highest:
                cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, ahead])
