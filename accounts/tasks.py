"""Celery entry points, each one call deep."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from accounts import deleting


@shared_task
def clear_expired_sessions() -> None:
    """Delete the sessions that have expired; nobody can use them any more."""
    call_command("clearsessions")


@shared_task
def purge_deleted_users() -> None:
    """Remove for good who was deleted more than 20 days ago."""
    deleting.purge_deleted_users(actor=None)
