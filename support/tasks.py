"""Celery entry points, each one call deep."""

from __future__ import annotations

from celery import shared_task

from support import migration


@shared_task
def move_due_customers() -> int:
    """Announce the moves that are near, and move every customer whose day has come (S9)."""
    migration.announce_due_migrations()
    return sum(1 for _move in migration.migrate_due_customers())
