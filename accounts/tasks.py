"""Celery entry points, each one call deep. swept: whether the scheduler asks (accounts/background/sweeping.py)."""

from __future__ import annotations

from functools import partial
from itertools import chain

from celery import shared_task

from accounts.applications import ending
from accounts.background.sweeping import take_turn
from accounts.console_sessions import browser_sessions
from accounts.directory import deleting
from accounts.machines import tokens, uploads
from accounts.mail import sending
from accounts.notifications import telling
from accounts.own_domains import adding, looking
from accounts.sign_in import events, grace, lost_factor
from accounts.webhooks import sending as webhooks


@shared_task
def send_due_mails(swept: bool = False) -> None:
    """Send mails that are due."""
    take_turn(send_due_mails.name, sending.due_mails(), swept=swept)


@shared_task
def tell_who_must_know(swept: bool = False) -> None:
    """Tell of events those who must know, and queue the mails of a day."""
    take_turn(tell_who_must_know.name, telling.steps(), swept=swept)


@shared_task(name=adding.LOOK_UP_DOMAINS)
def look_up_domains(swept: bool = False) -> None:
    """Look for the TXT records of domains that are to be verified."""
    take_turn(look_up_domains.name, looking.due_looks(), swept=swept)


@shared_task
def clear_expired_sessions(swept: bool = False) -> None:
    """Delete the sessions that have expired; nobody can use them any more. Nor is anybody in a console with them.

    So does what was kept for minutes and not asked for, and so do the tokens of machines that are over, the files that
    they did not send to the end, and what applications exchange for some.
    """
    over = chain(
        browser_sessions.clear_expired(),
        iter(tokens.forget_expired_tokens, 0),
        iter(uploads.forget_expired_uploads, 0),
        iter(ending.forget_expired_exchanges, 0),
    )
    take_turn(clear_expired_sessions.name, over, swept=swept)


@shared_task
def purge_deleted_users(swept: bool = False) -> None:
    """Remove for good who was deleted more than 20 days ago."""
    take_turn(purge_deleted_users.name, deleting.purges(actor=None), swept=swept)


@shared_task
def settle_failed_sign_ins(swept: bool = False) -> None:
    """Write the events of failed sign-ins whose five minutes are over."""
    batches = iter(partial(events.settle_failed_sign_ins, actor=None), 0)
    take_turn(settle_failed_sign_ins.name, batches, swept=swept)


@shared_task
def keep_second_factors(swept: bool = False) -> None:
    """Remind those whose grace ends, and reset the lost factors whose 24 hours are over."""
    take_turn(keep_second_factors.name, chain(lost_factor.due_resets(), grace.reminders()), swept=swept)


@shared_task
def send_webhooks(swept: bool = False) -> None:
    """Send the messages for programs that are due, and forget old ones."""
    take_turn(send_webhooks.name, webhooks.due_deliveries(), swept=swept)
