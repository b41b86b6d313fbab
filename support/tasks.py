"""Celery entry points, each one call deep."""

from __future__ import annotations

from itertools import chain

from celery import shared_task

from accounts.background.sweeping import take_turn
from support import due, migration


@shared_task
def move_due_customers(swept: bool = False) -> None:
    """Announce the moves that are near, and move every customer whose day has come (S9); fill in due times (S13)."""
    take_turn(move_due_customers.name, chain(due.repairs(), migration.moves()), swept=swept)
