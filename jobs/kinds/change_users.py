"""One change for several users: by the verbs for one, so that every rule about one holds for many (P7, R14)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory import people
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.errors import Refused
from accounts.models import Job, JobLine, OrgUnit, User
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from jobs.kinds.kind import Kind, one_by_one
from subscriptions import leaving


def apply(actor: Actor, job: Job, lines: Sequence[JobLine]) -> None:
    """Do the job's action with each person."""
    action, unit_id = BulkAction(job.arguments["action"]), job.arguments["org_unit"]
    unit = OrgUnit.objects.filter(customer=job.customer_id, pk=unit_id).first()
    one_by_one(lines, partial(_change, actor, job, action, unit))


def _change(actor: Actor, job: Job, action: BulkAction, unit: OrgUnit | None, line: JobLine) -> bool:
    person = User.objects.filter(customer=job.customer_id, pk=line.data["person"]).first()
    if person is None:
        raise Refused(_("This user does not exist any more."))
    if action == BulkAction.SUSPEND:
        after = people.suspend_user(actor=actor, person=person)
    elif action == BulkAction.RESTORE:
        after = people.unsuspend_user(actor=actor, person=person)
    elif action == BulkAction.DELETE:
        after = leaving.delete_user_with_licences(actor=actor, person=person)
    elif unit is not None:
        after = people.move_to_org_unit(actor=actor, person=person, org_unit=unit)
    else:
        raise Refused(NO_SUCH_UNIT)
    return _state(after) != _state(person)


def _state(person: User) -> tuple[object, ...]:
    return person.is_active, person.deleted_at, person.org_unit_id


KIND = Kind(Permission.MANAGE_USERS, apply)
