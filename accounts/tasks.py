"""Celery entry points, each one call deep. swept: whether the scheduler asks (accounts/background/sweeping.py)."""

from __future__ import annotations

from functools import partial

from celery import shared_task

from accounts.background.sweeping import take_turn
from accounts.console_sessions import browser_sessions
from accounts.directory import deleting
from accounts.mail import sending
from accounts.notifications import telling
from accounts.sign_in import events


@shared_task
def send_due_mails(swept: bool = False) -> None:
    """Send mails that are due."""
    take_turn(send_due_mails.name, sending.due_mails(), swept=swept)


@shared_task
def tell_who_must_know(swept: bool = False) -> None:
    """Tell of events those who must know, and queue the mails of a day."""
    take_turn(tell_who_must_know.name, telling.steps(), swept=swept)


@shared_task
def clear_expired_sessions(swept: bool = False) -> None:
    """Delete the sessions that have expired; nobody can use them any more. Nor is anybody in a console with them.

    So does what was kept for minutes and not asked for.
    """
    take_turn(clear_expired_sessions.name, browser_sessions.clear_expired(), swept=swept)


@shared_task
def purge_deleted_users(swept: bool = False) -> None:
    """Remove for good who was deleted more than 20 days ago."""
    take_turn(purge_deleted_users.name, deleting.purges(actor=None), swept=swept)


@shared_task
def settle_failed_sign_ins(swept: bool = False) -> None:
    """Write the events of failed sign-ins whose five minutes are over."""
    batches = iter(partial(events.settle_failed_sign_ins, actor=None), 0)
    take_turn(settle_failed_sign_ins.name, batches, swept=swept)
