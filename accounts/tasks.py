"""Celery entry points, each one call deep."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from accounts import console_sessions, deleting, keeping, sign_ins
from accounts.mail import sending
from accounts.time_limits import sweep_transaction


@shared_task
def send_due_mails() -> int:
    """Send every mail that is due; run by the sweep and by nudges."""
    return sending.send_due_mails()


@shared_task
def clear_expired_sessions() -> None:
    """Delete the sessions that have expired; nobody can use them any more. Nor is anybody in a console with them.

    So does what was kept for minutes and not asked for.
    """
    with sweep_transaction():
        call_command("clearsessions")
        console_sessions.write_down_what_is_over()
        keeping.forget_expired()


@shared_task
def purge_deleted_users() -> None:
    """Remove for good who was deleted more than 20 days ago."""
    deleting.purge_deleted_users(actor=None)


@shared_task
def settle_failed_sign_ins() -> int:
    """Write the events of failed sign-ins whose five minutes are over."""
    return sign_ins.settle_failed_sign_ins(actor=None)
