"""The verb that begins one change for several users: those that were ticked, or all that a filter finds."""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import Customer, Job, OrgUnit, User
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from accounts.permissions import Permission
from jobs import tasks
from jobs.stopping import refuse_too_many


@transaction.atomic
def change_users(
    *, actor: Actor, customer: Customer, action: BulkAction, chosen: QuerySet[User], org_unit: OrgUnit | None = None
) -> Job:
    """Let a worker do something with several people of a customer; who is in it is written down now.

    chosen: people of this customer. org_unit: where to, for a move. Raises Refused where nobody is chosen, and
    where many jobs of the same person wait or run.
    """
    authorise(actor, Permission.MANAGE_USERS, customer)
    refuse_too_many(actor.user, customer)
    new: dict[str, object] = {"bulk_action": action}
    if org_unit is not None:
        new["org_unit"] = tree_of(customer).path(org_unit.pk)
    job = Job.objects.create(
        customer=customer,
        kind=JobKind.CHANGE_USERS,
        status=JobStatus.QUEUED,
        requested_by=actor.user,
        ip_address=actor.ip_address,
        console_session_id=actor.console_session_id,
        arguments={"language": get_language(), "action": action, "org_unit": org_unit.pk if org_unit else None},
    )
    job.total = _write_lines(job, chosen.filter(customer=customer))
    if not job.total:
        raise Refused(_("Choose at least one user."))
    job.save(update_fields=["total"])
    record_audit(
        EventName.BULK_CHANGE, actor=actor, customer=customer, new={"job_kind": job.kind, "lines": job.total, **new}
    )
    tasks.nudge_jobs_after_commit()
    return job


def _write_lines(job: Job, chosen: QuerySet[User]) -> int:
    """Write a line for each person with one statement, in the order of their names; return how many."""
    try:
        inner, values = chosen.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            # The inner SQL is Django's own, with its values apart.
            f"""
            INSERT INTO accounts_jobline (job_id, number, data, outcome, message)
            SELECT %s, row_number() OVER (ORDER BY sort_name, id), jsonb_build_object(
                'person', id, 'cells', jsonb_build_object('name', name, 'email', email)), 'waiting', ''
            FROM accounts_user WHERE id IN ({inner})
            """,  # noqa: S608
            [job.pk, *values],
        )
        return int(cursor.rowcount)
