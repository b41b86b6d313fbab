"""The verb that begins one change for several rows: those that were ticked, or all that a filter finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, require_fresh_proof
from accounts.directory.several import Outcomes
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import Customer, DirectoryGroup, Job, OrgUnit
from accounts.models.devices import DeprovisionReason
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from accounts.roles import Role
from jobs import tasks
from jobs.kinds import KINDS, needed_for
from jobs.stopping import refuse_too_many
from subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is written down of rows. key: where the id stands; cells: what the result says; none: for no row at all."""

    table: str
    key: str
    cells: tuple[str, ...]
    order: str
    none: Promise


_ROWS: Final[Mapping[str, _Rows]] = {
    JobKind.CHANGE_USERS: _Rows(
        "accounts_user", "person", ("name", "email"), "sort_name", _("Choose at least one user.")
    ),
    JobKind.CHANGE_DEVICES: _Rows(
        "accounts_device", "device", ("serial_number", "model"), "serial_number", _("Choose at least one device.")
    ),
    JobKind.CHANGE_GROUPS: _Rows(
        "accounts_directorygroup", "group", ("name", "email"), "sort_name", _("Choose at least one group.")
    ),
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is chosen beside an action: where to, of what, into which group, whom, why; and what was ticked."""

    org_unit: OrgUnit | None = None
    subscription: Subscription | None = None
    group: DirectoryGroup | None = None
    people: Collection[int] = ()
    switch: bool = False
    stays_away: bool = False
    reason: DeprovisionReason | None = None

    def stored(self) -> dict[str, Any]:
        """Return it as a job keeps it."""
        return {
            "org_unit": self.org_unit.pk if self.org_unit else None,
            "subscription": self.subscription.pk if self.subscription else None,
            "group": self.group.pk if self.group else None,
            "people": list(self.people),
            "switch": self.switch,
            "stays_away": self.stays_away,
            "reason": self.reason,
        }

    def said(self, customer: Customer) -> dict[str, Any]:
        """Return it as the audit log says it."""
        said: dict[str, Any] = {}
        if self.org_unit is not None:
            said["org_unit"] = tree_of(customer).path(self.org_unit.pk)
        if self.subscription is not None:
            said["SKU_NAME"] = self.subscription.sku.name
        if self.group is not None:
            said["group"] = self.group.email
        if self.reason is not None:
            said["deprovision_reason"] = self.reason
        return said


@transaction.atomic
def change_rows(
    *,
    actor: Actor,
    customer: Customer,
    kind: JobKind,
    action: BulkAction,
    chosen: QuerySet[Any],
    beside: Beside = Beside(),
) -> Job:
    """Let a worker do something with several rows of a customer; which ones is written down now.

    chosen: rows of this customer, of the kind's model. Raises Refused where none is chosen, and where many jobs of the
    same person wait or run; PermissionDenied; ProofNeeded where a super admin is among those to be restored and the
    actor's last proof is too old (P13): the worker that restores them later asks nobody.
    """
    job = Job(
        customer=customer,
        kind=kind,
        status=JobStatus.QUEUED,
        requested_by=actor.user,
        ip_address=actor.ip_address,
        console_session_id=actor.console_session_id,
        arguments={"language": get_language(), "action": action, **beside.stored()},
    )
    authorise(actor, needed_for(job), customer)
    if action == BulkAction.RESTORE and chosen.filter(role_assignments__role=Role.SUPER_ADMIN).exists():
        require_fresh_proof(actor)
    refuse_too_many(actor.user, customer)
    job.save(force_insert=True)
    rows = _ROWS[kind]
    job.total = _write_lines(job, rows, chosen.filter(customer=customer))
    if not job.total:
        raise Refused(rows.none)
    job.save(update_fields=["total"])
    new = {"job_kind": job.kind, "lines": job.total, "bulk_action": action, **beside.said(customer)}
    record_audit(EventName.BULK_CHANGE, actor=actor, customer=customer, target=job, new=new)
    tasks.nudge_jobs_after_commit()
    return job


def foresee(
    actor: Actor, customer: Customer, kind: JobKind, action: BulkAction, rows: Sequence[int], beside: Beside
) -> Outcomes:
    """Return what would become of rows, by their ids, as far as it is known now. Raises Refused for all of them."""
    return KINDS[kind].changes[action].foresee(actor, customer, rows, beside.stored())


def _write_lines(job: Job, rows: _Rows, chosen: QuerySet[Any]) -> int:
    """Write a line for each row with one statement, in the order of their names; return how many."""
    try:
        inner, values = chosen.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    cells = ", ".join(f"'{cell}', {cell}" for cell in rows.cells)
    with connection.cursor() as cursor:
        cursor.execute(
            # The inner SQL is Django's own, with its values apart; the names are ours.
            f"""
            INSERT INTO accounts_jobline (job_id, number, data, outcome, message)
            SELECT %s, row_number() OVER (ORDER BY {rows.order}, id), jsonb_build_object(
                '{rows.key}', id, 'cells', jsonb_build_object({cells})), 'waiting', ''
            FROM {rows.table} WHERE id IN ({inner})
            """,  # noqa: S608
            [job.pk, *values],
        )
        return int(cursor.rowcount)
