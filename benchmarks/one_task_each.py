"""What the product does not do: one message per change. Here to compare with."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_console.settings")
django.setup()

from django.db import transaction  # noqa: E402  after django.setup()

from reseller_console.celery import app as app  # noqa: E402, PLC0414
from subscriptions.access.propagation import _settle  # noqa: E402
from subscriptions.models import AccessChange, AccessGrant  # noqa: E402


@app.task(name="benchmarks.apply_one", queue="benchmark")
def apply_one(change_id: int) -> None:
    """Lock one grant and apply its one change: the same work, without sharing any of it."""
    with transaction.atomic():
        grant_id = AccessChange.objects.values_list("grant_id", flat=True).get(pk=change_id)
        AccessGrant.objects.select_for_update(no_key=True).only("pk").get(pk=grant_id)
        _settle([grant_id])


app.conf.task_default_queue = "benchmark"
