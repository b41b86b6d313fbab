from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.locking import CustomerBusy, is_kept
from accounts.models import Customer, Job, JobLine, OrgUnit
from accounts.models.jobs import BulkAction, LineOutcome
from accounts.permissions import Permission
from jobs.kinds.change import Change
from jobs.kinds.trying import try_later
from jobs.reading import Row
from jobs.titles import Column

# Seconds that verbs for single rows may take in one transaction: it holds the customer's lock as long.
TURN = 1.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What is special about a kind of job.

    permission: what it takes to ask for one, asked again in every transaction.
    apply: gives lines an outcome and a message, in the transaction of the worker; what it leaves waiting comes again,
    and behind the others what it gave to try_later().
    columns, check: for files. check returns the unsaved lines of a job, the bad ones refused.
    changes: for rows that were chosen, what can be done with them; each has a permission of its own.
    """

    permission: Permission
    apply: Callable[[Actor, Job, Sequence[JobLine]], None]
    columns: tuple[Column, ...] = ()
    check: Callable[[Customer, Iterable[Row]], list[JobLine]] | None = None
    changes: Mapping[BulkAction, Change] = field(default_factory=dict)

    def needs(self, job: Job) -> Permission:
        """Return what it takes to work on a job of this kind."""
        return self.changes[BulkAction(job.arguments["action"])].permission if self.changes else self.permission


def refused_line(row: Row, column: str, message: str) -> JobLine:
    """Return the line of a row that will not be imported, and in which column that shows."""
    return JobLine(
        number=row.number,
        data={"cells": dict(row.cells), "column": column},
        outcome=LineOutcome.REFUSED,
        message=message,
    )


def unit_at(row: Row, at: Callable[[str], OrgUnit | None]) -> OrgUnit | None:
    """Return the unit that a row names by its path; None where it names none. Raises Refused where there is none."""
    path = row.cells.get("org_unit", "")
    unit = at(path) if path else None
    if path and unit is None:
        raise Refused(
            _("There is no organisational unit “%(path)s”. Create it first, or correct the path.")
            % {"path": path[:200]},
            "org_unit",
        )
    return unit


def one_by_one(lines: Iterable[JobLine], change: Callable[[JobLine], bool]) -> None:
    """Do the verb for each line, for a second at most. change: tells whether anything was to be done.

    What the rules refuse is that line's message, and a row that another transaction keeps lets that line wait; the
    other lines are not concerned. Raises CustomerBusy: the customer of a console is that of all of its lines.
    """
    until = time.monotonic() + TURN
    for line in lines:
        try:
            with transaction.atomic():
                line.outcome = LineOutcome.DONE if change(line) else LineOutcome.UNCHANGED
        except (Refused, PermissionDenied) as error:
            line.outcome, line.message = LineOutcome.REFUSED, str(error)
        except OperationalError as error:
            line.outcome = LineOutcome.WAITING
            if isinstance(error, CustomerBusy) or not is_kept(error):
                raise
            try_later(line)
        if time.monotonic() > until:
            return
