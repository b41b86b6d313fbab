"""What can be done with several rows at once: a batch is locked, decided about and changed in sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.directory.several import Outcomes
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, Job, JobLine
from accounts.models.jobs import BulkAction, LineOutcome
from accounts.permissions import Permission
from jobs.kinds.trying import try_later

# What was chosen beside the action, as JSON: ids of a unit, a subscription or a group, and what was ticked.
Details = Mapping[str, Any]
# Says or does something with rows of a customer, by their ids in the order of the lines. Raises Refused for all.
Step = Callable[[Actor, Customer, Sequence[int], Details], Outcomes]


@dataclass(frozen=True, slots=True)
class Change:
    """One action.

    permission: what it takes, asked again in every transaction. do: the verb for several rows.
    foresee: what would become of each row, as far as it is known before, without a lock; by the same rules.
    locks: whether it locks or changes the rows themselves, so that one which another transaction keeps has to wait.
    at_once: how many rows one transaction does at most, where one of them alone is much work; None for a whole batch.
    """

    permission: Permission
    do: Step
    foresee: Step
    locks: bool = False
    at_once: Callable[[Details], int] | None = None


def applying(
    changes: Mapping[BulkAction, Change], key: str, rows: Callable[[], QuerySet[Any]]
) -> Callable[[Actor, Job, Sequence[JobLine]], None]:
    """Return what does a job's action with the rows of some lines.

    Rows that another transaction keeps come again behind the others; lines beyond what the action does at once stay
    waiting. key: where the id of a row stands in its line; rows: of all customers.
    """

    def apply(actor: Actor, job: Job, lines: Sequence[JobLine]) -> None:
        change = changes[BulkAction(job.arguments["action"])]
        now = lines[: change.at_once(job.arguments)] if change.at_once else lines
        kept = _kept(job.console, rows(), [line.data[key] for line in now]) if change.locks else set()
        for line in now:
            if line.data[key] in kept:
                try_later(line)
        free = [line for line in now if line.data[key] not in kept]
        _settle(free, key, lambda ids: change.do(actor, job.console, ids, job.arguments))

    return apply


def _kept(customer: Customer, rows: QuerySet[Any], ids: Sequence[int]) -> set[int]:
    """Return which rows of a customer another transaction keeps; the others are locked, behind the customer."""
    lock_customer(customer)
    own = rows.filter(customer=customer, pk__in=ids).order_by("pk")
    free = own.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    return set(own.values_list("pk", flat=True)) - set(free)


def _settle(lines: Sequence[JobLine], key: str, do: Callable[[Sequence[int]], Outcomes]) -> None:
    """Do something with the rows of some lines, and give each line its outcome.

    What the rules refuse for all of them is the message of each. Nothing is written then.
    """
    try:
        with transaction.atomic():
            found = do([line.data[key] for line in lines])
    except (Refused, PermissionDenied) as error:
        for line in lines:
            line.outcome, line.message = LineOutcome.REFUSED, str(error)
        return
    done = set(found.done)
    for line in lines:
        row = line.data[key]
        if row in found.refused:
            line.outcome, line.message = LineOutcome.REFUSED, found.refused[row].message
        else:
            line.outcome = LineOutcome.DONE if row in done else LineOutcome.UNCHANGED
