"""Users from a file: new addresses are created, known ones get the name and the unit of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.directory import people
from accounts.directory.addresses import clean_managed_address
from accounts.directory.importing import Newcomer, create_users, refusals
from accounts.directory.invitations import send_invitations
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.tree import Tree, tree_of
from accounts.errors import Refused
from accounts.models import Customer, Job, JobLine, OrgUnit, User
from accounts.models.jobs import LineOutcome
from accounts.organisations import clean_name
from accounts.permissions import Permission
from jobs.kinds.kind import Kind, one_by_one, refused_line, unit_at
from jobs.reading import Row
from jobs.titles import Column

COLUMNS = (
    Column(
        "name",
        gettext_lazy("First and last name, also as two columns First Name and Last Name. For a new user it is needed."),
        "Ana Martin",
        True,
        ("nom",),
        ("first name", "last name"),
    ),
    Column(
        "email",
        gettext_lazy("The user’s address. Where someone has it already, that user is changed."),
        "ana.martin@{domain}",
        True,
        ("e-mail", "email address", "e-mail address", "adresse e-mail"),
    ),
    Column(
        "org_unit",
        gettext_lazy("Where in the tree, for example /Sales/Berlin. Empty: a new user goes to the top, others stay."),
        "/",
        False,
        ("org unit path", "organisational unit", "organizational unit", "unité organisationnelle"),
    ),
)
# Addresses that one question to the database names.
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that can be read. name: empty to leave it; org_unit: None to leave it."""

    row: Row
    email: str
    name: str
    org_unit: OrgUnit | None


def check(customer: Customer, rows: Iterable[Row]) -> list[JobLine]:
    """Compare every line with the directory, set-based: some questions for 5,000 lines, none for a single one."""
    tree, first_lines = tree_of(customer), dict[str, int]()
    at = cache(tree.at)
    wanted: list[Wanted | JobLine] = []
    for row in rows:
        try:
            found = _read(row, at)
            if (first := first_lines.setdefault(found.email, row.number)) != row.number:
                raise Refused(_("Line %(line)s has the same address.") % {"line": first}, "email")
            wanted.append(found)
        except Refused as error:
            wanted.append(refused_line(row, error.field, error.message))
    source = iter(wanted)
    return [line for chunk in iter(lambda: list(islice(source, CHUNK)), []) for line in _compare(customer, tree, chunk)]


def _read(row: Row, at: Callable[[str], OrgUnit | None]) -> Wanted:
    if row.error:
        raise Refused(row.error)
    email = clean_managed_address(row.cells["email"])
    name = clean_name(row.cells["name"]) if row.cells["name"] else ""
    return Wanted(row, email, name, unit_at(row, at))


def _compare(customer: Customer, tree: Tree, chunk: Sequence[Wanted | JobLine]) -> Iterator[JobLine]:
    emails = [one.email for one in chunk if isinstance(one, Wanted)]
    known = {person.email: person for person in customer.people.filter(email__in=emails, deleted_at=None)}
    refused = refusals(customer, [email for email in emails if email not in known])
    for one in chunk:
        if isinstance(one, JobLine):
            yield one
        elif one.email in refused:
            yield refused_line(one.row, "email", refused[one.email])
        elif one.email in known:
            yield _change_line(one, known[one.email], tree)
        elif not one.name:
            yield refused_line(one.row, "name", _("Enter a name."))
        else:
            yield _line(one, "create", {"name": one.name})


def _change_line(one: Wanted, person: User, tree: Tree) -> JobLine:
    """Return the line of someone known. was: what the preview shows beside the new values, by column."""
    was = {}
    if one.name not in ("", person.name):
        was["name"] = person.name
    if one.org_unit is not None and one.org_unit.pk != person.org_unit_id:
        was["org_unit"] = tree.path(person.org_unit_id or tree.root.pk)
    line = _line(one, "change", {"person": person.pk, "name": one.name if "name" in was else "", "was": was})
    if not was:
        line.outcome = LineOutcome.UNCHANGED
    return line


def _line(one: Wanted, does: str, values: dict[str, Any]) -> JobLine:
    unit = one.org_unit.pk if one.org_unit else None
    data = {"cells": dict(one.row.cells), "does": does, "email": one.email, "org_unit": unit, **values}
    if one.row.warning:
        data["warning"] = one.row.warning
    return JobLine(number=one.row.number, data=data)


def apply(actor: Actor, job: Job, lines: Sequence[JobLine]) -> None:
    """Create the new people of a batch at once, and change the known ones by the verbs for one."""
    new = [line for line in lines if line.data["does"] == "create"]
    newcomers = [Newcomer(line.data["email"], line.data["name"], line.data["org_unit"]) for line in new]
    refused = create_users(actor=actor, customer=job.console, newcomers=newcomers) if newcomers else {}
    for line in new:
        line.message = refused.get(line.data["email"], "")
        line.outcome = LineOutcome.REFUSED if line.message else LineOutcome.DONE
    if job.arguments.get("invite"):
        _invite(actor, job, [line.data["email"] for line in new if not line.message])
    known = [line for line in lines if line.data["does"] == "change"]
    if known:
        one_by_one(known, partial(_change, actor, job.console, tree_of(job.console)))


def _invite(actor: Actor, job: Job, emails: Sequence[str]) -> None:
    """Invite who was created just now; how many there were beyond the limit of a day stands on the job (P11)."""
    left = send_invitations(actor, job.console, list(job.console.people.filter(email__in=emails).order_by("pk")))
    job.arguments["not_invited"] = job.arguments.get("not_invited", 0) + len(left)


def _change(actor: Actor, customer: Customer, tree: Tree, line: JobLine) -> bool:
    person = customer.people.filter(pk=line.data["person"], deleted_at=None).first()
    if person is None:
        raise Refused(_("This user does not exist any more."))
    if line.data["name"]:
        people.change_user(actor=actor, person=person, name=line.data["name"])
    if line.data["org_unit"] is not None:
        unit = tree.get(line.data["org_unit"])
        if unit is None:
            raise Refused(NO_SUCH_UNIT)
        people.move_to_org_unit(actor=actor, person=person, org_unit=unit)
    return True


KIND = Kind(Permission.MANAGE_USERS, apply, COLUMNS, check)
