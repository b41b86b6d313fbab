"""The verb of downloads: that someone took the list of users away is recorded before the first line is sent."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.models import Customer
from accounts.permissions import Permission


@transaction.atomic
def export_users(*, actor: Actor, customer: Customer, filters: Mapping[str, str]) -> None:
    """Record that the list of users is downloaded, and how it was filtered; never for a reseller's agent (R14)."""
    authorise(actor, Permission.EXPORT_USERS, customer)
    record_audit(
        EventName.DOWNLOAD_USERLIST_CSV,
        actor=actor,
        customer=customer,
        subject=customer.name,
        target=customer,
        new=dict(filters) or None,
    )
