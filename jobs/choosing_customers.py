"""The verb that begins one change for several customers of a reseller, and what it would do to each."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_reseller, person_now
from accounts.errors import Refused
from accounts.locking import SHORT_WAIT, is_kept
from accounts.models import Job, JobLine, Reseller, User
from accounts.models.jobs import BulkAction, JobKind, JobStatus, LineOutcome
from jobs import tasks
from jobs.kinds.change_customers import CHANGES, Details, change_one, values_shown
from jobs.stopping import refuse_too_many
from subscriptions.access.scope import relations_of
from subscriptions.models import Subscription
from subscriptions.models.subscription import Status

# Lines that one statement stores.
CHUNK = 5_000


@dataclass(slots=True)
class CustomerRow:
    """A customer that was chosen. data: what its line keeps; refused: why there is nothing to change at all."""

    name: str
    domain: str
    data: dict[str, Any]
    refused: str = ""
    subscription: Subscription | None = field(default=None)

    @property
    def cells(self) -> dict[str, str]:
        """What the result says of it."""
        return {"name": self.name, "domain": self.domain}


def rows_for(person: User, customers: Collection[int], details: Details) -> list[CustomerRow]:
    """Return a row for each of `customers` that this person works for, in the order of their names."""
    relations = relations_of(person).filter(customer__in=customers).order_by("customer_sort_name", "pk")
    names = relations.values_list("customer_id", "customer_name", "customer_domain")
    rows = [CustomerRow(name, domain, {"customer": pk}) for pk, name, domain in names]
    if CHANGES[BulkAction(details["action"])].of_subscriptions:
        _add_subscriptions(person, rows, details)
    return rows


def _add_subscriptions(person: User, rows: Sequence[CustomerRow], details: Details) -> None:
    """Note what was sold to each of the product that is changed, as it is shown now."""
    sold = Subscription.objects.filter(
        reseller=person.reseller_id, sku=details["sku"], customer__in=[row.data["customer"] for row in rows]
    )
    found = {one.customer_id: one for one in sold.exclude(status=Status.CANCELLED).select_related("sku")}
    for row in rows:
        row.subscription = found.get(row.data["customer"])
        if row.subscription is None:
            row.refused = _("Your organisation has sold nothing of this product there.")
        else:
            row.data |= {"subscription": row.subscription.pk, "was": values_shown(row.subscription)}


def digest_of(rows: Sequence[CustomerRow], details: Details) -> str:
    """Return what a form carries of what was shown: another number of seats meanwhile confirms nothing (B5)."""
    shown = json.dumps([dict(details), [row.data for row in rows]], sort_keys=True)
    return salted_hmac("jobs.change_customers", shown).hexdigest()


def foresee_customers(actor: Actor, rows: Sequence[CustomerRow], details: Details) -> list[tuple[CustomerRow, str]]:
    """Try a change with each of some customers and take it back; return with each why it is refused, or nothing.

    One short transaction for each, so that a customer is locked no longer than for its own.
    """
    return [(row, row.refused or _try(actor, row, details)) for row in rows]


def _try(actor: Actor, row: CustomerRow, details: Details) -> str:
    try:
        with transaction.atomic():
            _wait_briefly()
            change_one(actor, details, row.data)
            transaction.set_rollback(True)
    except (Refused, PermissionDenied) as error:
        return str(error)
    except OperationalError as error:
        if not is_kept(error):
            raise
        return _("Another change is under way there. It is tried again when this runs.")
    return ""


def _wait_briefly() -> None:
    """Let this transaction wait for no lock longer than a moment: of 50 customers each may be busy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{SHORT_WAIT}ms"])


@transaction.atomic
def change_customers(*, actor: Actor, reseller: Reseller, rows: Sequence[CustomerRow], details: Details) -> Job:
    """Let a worker do something with several customers of a reseller; which ones is written down now.

    details: the action, and what was chosen beside. Raises Refused where none is chosen, and where many jobs of the
    same person wait or run; PermissionDenied.
    """
    action = BulkAction(details["action"])
    authorise_reseller(actor, CHANGES[action].roles, reseller.pk)
    refuse_too_many(actor.user, reseller=reseller)
    ids = [row.data["customer"] for row in rows]
    mine = set(relations_of(person_now(actor)).filter(customer__in=ids).values_list("customer", flat=True))
    chosen = [row for row in rows if row.data["customer"] in mine]
    if not chosen:
        raise Refused(_("Choose at least one customer."))
    refused = sum(bool(row.refused) for row in chosen)
    job = Job.objects.create(
        reseller=reseller,
        kind=JobKind.CHANGE_CUSTOMERS,
        status=JobStatus.QUEUED,
        requested_by=actor.user,
        ip_address=actor.ip_address,
        arguments={
            **details,
            "language": get_language(),
            "outcomes": {LineOutcome.REFUSED: refused} if refused else {},
        },
        total=len(chosen),
        settled=refused,
    )
    JobLine.objects.bulk_create([_line(job, number, row) for number, row in enumerate(chosen, 1)], batch_size=CHUNK)
    new = {"job_kind": job.kind, "lines": job.total, "bulk_action": action}
    record_audit(EventName.BULK_CHANGE, actor=actor, customer=None, target=job, new=new)
    tasks.nudge_jobs_after_commit()
    return job


def _line(job: Job, number: int, row: CustomerRow) -> JobLine:
    outcome = LineOutcome.REFUSED if row.refused else LineOutcome.WAITING
    return JobLine(job=job, number=number, data={**row.data, "cells": row.cells}, outcome=outcome, message=row.refused)
