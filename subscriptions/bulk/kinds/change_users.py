"""One change for several users: by the verbs for one, so that every rule about one holds for many (P7, R14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import people
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Job, JobLine, User
from accounts.org_units import tree_of
from accounts.permissions import Permission
from subscriptions import leaving
from subscriptions.bulk.kinds.kind import Kind, one_by_one


class Action(models.TextChoices):
    """What can be done with several users."""

    SUSPEND = "suspend", gettext_lazy("Suspend")
    RESTORE = "restore", gettext_lazy("Restore")
    MOVE = "move", gettext_lazy("Move to an organisational unit")
    DELETE = "delete", gettext_lazy("Delete")


def apply(actor: Actor, job: Job, lines: Sequence[JobLine]) -> None:
    """Do the job's action with each person."""
    one_by_one(lines, partial(_change, job, _verb(actor, job)))


def _verb(actor: Actor, job: Job) -> Callable[[User], bool]:
    """Return what to do with a person, which tells whether there was anything to do."""

    def suspend(person: User) -> bool:
        return people.suspend_user(actor=actor, person=person).is_active != person.is_active

    def restore(person: User) -> bool:
        return people.unsuspend_user(actor=actor, person=person).is_active != person.is_active

    def delete(person: User) -> bool:
        return leaving.delete_user(actor=actor, person=person).deleted_at != person.deleted_at

    def move(person: User) -> bool:
        return people.move_to_org_unit(actor=actor, person=person, org_unit=unit).org_unit_id != person.org_unit_id

    if job.arguments["action"] != Action.MOVE:
        return {Action.SUSPEND: suspend, Action.RESTORE: restore, Action.DELETE: delete}[job.arguments["action"]]
    unit = tree_of(job.customer_id).get(job.arguments["org_unit"])
    if unit is None:
        return _refuse_unit
    return move


def _refuse_unit(person: User) -> bool:
    raise Refused(_("This organisational unit does not exist any more. Choose another one."))


def _change(job: Job, verb: Callable[[User], bool], line: JobLine) -> bool:
    person = User.objects.filter(customer=job.customer_id, pk=line.data["person"]).first()
    if person is None:
        raise Refused(_("This user does not exist any more."))
    return verb(person)


KIND = Kind(Permission.MANAGE_USERS, apply)
