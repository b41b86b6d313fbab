"""Looks for the TXT records that were asked for; any number of workers may run it at once (P9).

A look is an effect outside the database, so it is not made in the transaction that takes its row up: that one gets a
lease, the name server is asked, and the answer is written in another transaction. A worker that dies in between loses
nothing: the row is taken up again when the lease is over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, Value
from django.db.models.functions import Coalesce, Greatest, Least, Now

from accounts.directory.rules import lock_organisation
from accounts.domain_holders import held_by_others, lock_domains, owner_of
from accounts.domain_taking import record_about, verify_row
from accounts.models import Domain
from accounts.models.domains import LookAnswer, VerifiedHow
from accounts.own_domains.deciding import VERIFIED_AS
from accounts.own_domains.records import find_record

logger = logging.getLogger(__name__)

# How long a worker may take with one look; far above the time limit of a name server.
LEASE: Final = timedelta(minutes=1)
# With no name server the pause grows with how long there has been none, between these.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Look:
    """A look that was taken up. asked_at: which one, of several for the same domain."""

    domain_id: int
    record_name: str
    record_value: str
    asked_at: datetime


def due_looks() -> Iterator[int]:
    """Look for what is due, one record after the other; yields 1 for each that was taken up."""
    while (look := _claim()) is not None:
        settle_look(actor=None, look=look, answer=find_record(look.record_name, look.record_value))
        yield 1


@transaction.atomic
def _claim() -> Look | None:
    due = Domain.objects.filter(look_due_at__lte=Now()).order_by("look_due_at", "pk")
    row = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if row is None or row.look_asked_at is None:
        return None
    Domain.objects.filter(pk=row.pk).update(look_due_at=Now() + LEASE)
    return Look(row.pk, row.record_name, row.record_value, row.look_asked_at)


@transaction.atomic
def settle_look(*, actor: None, look: Look, answer: LookAnswer) -> None:
    """Write the answer of a look: the domain is verified, or what was found instead; with no answer it is tried again.

    Nothing happens where the row is gone, or another worker wrote the answer. actor: always the system.
    """
    row = Domain.objects.filter(pk=look.domain_id).select_related("customer", "reseller").first()
    if row is None:
        return
    owner = lock_organisation(owner_of(row))
    lock_domains([row.name], exclusive=True)
    same = Domain.objects.filter(pk=row.pk, look_asked_at=look.asked_at)
    row = same.select_related("customer", "reseller").select_for_update(of=("self",)).first()
    if row is None:
        return
    logger.info("domain %s: %s", row.name, answer)
    if answer == LookAnswer.SILENT:
        _try_again(row)
        return
    is_taken = answer == LookAnswer.FOUND and bool(held_by_others([row.name], owner))
    noted = LookAnswer.TAKEN if is_taken else answer
    Domain.objects.filter(pk=row.pk).update(
        looked_at=Now(), look_answer=noted, look_asked_at=None, look_due_at=None, silent_since=None
    )
    if noted == LookAnswer.FOUND:
        record_about(row, VERIFIED_AS[row.kind], actor=actor, new={"domain": row.name, "verified_how": VerifiedHow.TXT})
        verify_row(row, how=VerifiedHow.TXT)


def _try_again(row: Domain) -> None:
    """Leave it asked for: the sweep takes it up again, sooner when the name server has not been away for long."""
    since = Coalesce("silent_since", Now())
    silent = ExpressionWrapper(Now() - since, output_field=DurationField())
    pause = Least(Greatest(silent, Value(FIRST_PAUSE)), Value(LONGEST_PAUSE))
    Domain.objects.filter(pk=row.pk).update(
        looked_at=Now(), look_answer=LookAnswer.SILENT, silent_since=since, look_due_at=Now() + pause
    )
