"""Devices from a file: each is enrolled by the verb for one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.directory import devices
from accounts.directory.addresses import clean_managed_address
from accounts.directory.tree import Tree, tree_of
from accounts.errors import Refused
from accounts.models import Customer, Device, Job, JobLine, OrgUnit, User
from accounts.models.devices import DeviceKind
from accounts.permissions import Permission
from jobs.kinds.kind import Kind, one_by_one, refused_line, unit_at
from jobs.reading import Row
from jobs.titles import Column

COLUMNS = (
    Column("kind", gettext_lazy("chromeos, android or ios."), "chromeos", True, ("type",)),
    Column("serial_number", gettext_lazy("As it stands on the device. Each one is enrolled once."), "5CD1234XYZ", True),
    Column("model", gettext_lazy("Free text, for example “Pixel 9”."), "Chromebook Plus"),
    Column("os_version", gettext_lazy("Version of the operating system."), "131"),
    Column("user", gettext_lazy("Address of the user who has it. Empty: nobody in particular."), ""),
    Column("org_unit", gettext_lazy("Where in the tree. Empty: the unit of its user, or the top."), "/"),
)
_LENGTHS = {"model": devices.MODEL_MAX_LENGTH, "os_version": devices.OS_VERSION_MAX_LENGTH}
# Values that one question to the database names.
CHUNK = 5_000
# A long number as a spreadsheet writes it back: 1.23457E+12, with a comma in other countries. The digits are gone.
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E[+-][0-9]+", re.IGNORECASE)


def check(customer: Customer, rows: Iterable[Row]) -> list[JobLine]:
    """Compare every line with the devices, people and units there are, set-based."""
    at, first_lines = cache(tree_of(customer).at), dict[str, int]()
    found: list[JobLine] = []
    for row in rows:
        try:
            line = _read(row, at)
            serial = line.data["serial_number"]
            if (first := first_lines.setdefault(serial, row.number)) != row.number:
                raise Refused(_("Line %(line)s has the same serial number.") % {"line": first}, "serial_number")
        except Refused as error:
            line = refused_line(row, error.field, error.message)
        found.append(line)
    good = [line for line in found if "does" in line.data]
    for chunk in (good[start : start + CHUNK] for start in range(0, len(good), CHUNK)):
        _compare(customer, chunk)
    return found


def _read(row: Row, at: Callable[[str], OrgUnit | None]) -> JobLine:
    if row.error:
        raise Refused(row.error)
    kind = row.cells["kind"].casefold()
    if kind not in DeviceKind.values:
        raise Refused(_("Write one of: %(kinds)s.") % {"kinds": ", ".join(DeviceKind.values)}, "kind")
    for column, length in _LENGTHS.items():
        if len(row.cells.get(column, "")) > length:
            raise Refused(_("Use at most %(number)s characters.") % {"number": length}, column)
    if _SHORTENED.fullmatch(row.cells["serial_number"]):
        text = _("A spreadsheet has shortened this number. Format the column as text, and enter the number in full.")
        raise Refused(text, "serial_number")
    serial = devices.clean_serial_number(row.cells["serial_number"])
    unit = unit_at(row, at)
    try:
        email = clean_managed_address(row.cells["user"]) if row.cells.get("user") else ""
    except Refused as error:
        raise Refused(error.message, "user") from error
    data = {
        "cells": dict(row.cells),
        "does": "create",
        "kind": kind,
        "serial_number": serial,
        "email": email,
        "org_unit": unit.pk if unit else None,
    }
    if row.warning:
        data["warning"] = row.warning
    return JobLine(number=row.number, data=data)


def _compare(customer: Customer, lines: Sequence[JobLine]) -> None:
    """Refuse the lines whose device is enrolled already, or whose user is nobody of this customer."""
    serials = [line.data["serial_number"] for line in lines]
    enrolled = set(
        Device.objects.filter(customer=customer, serial_number__in=serials).values_list("serial_number", flat=True)
    )
    emails = {line.data["email"] for line in lines} - {""}
    holders = dict(_people(customer).filter(addresses__email__in=emails).values_list("addresses__email", "pk"))
    for line in lines:
        row = Row(line.number, line.data["cells"])
        if line.data["serial_number"] in enrolled:
            refused = refused_line(row, "serial_number", _("A device with this serial number is enrolled already."))
        elif line.data["email"] and line.data["email"] not in holders:
            refused = refused_line(row, "user", _("Nobody in this organisation has this address."))
        else:
            line.data["user"] = holders.get(line.data["email"])
            continue
        line.data, line.outcome, line.message = refused.data, refused.outcome, refused.message


def _people(customer: Customer) -> QuerySet[User]:
    return User.objects.filter(customer=customer, deleted_at=None)


def apply(actor: Actor, job: Job, lines: Sequence[JobLine]) -> None:
    """Enrol the devices one after the other."""
    one_by_one(lines, partial(_enrol, actor, job.console, tree_of(job.console)))


def _enrol(actor: Actor, customer: Customer, tree: Tree, line: JobLine) -> bool:
    user, unit = line.data["user"], line.data["org_unit"]
    holder = _people(customer).filter(pk=user).first() if user else None
    if (user and holder is None) or (unit and tree.get(unit) is None):
        raise Refused(_("The user or the organisational unit of this line does not exist any more."))
    cells = line.data["cells"]
    devices.enrol_device(
        actor=actor,
        customer=customer,
        kind=line.data["kind"],
        serial_number=line.data["serial_number"],
        model=cells.get("model", ""),
        os_version=cells.get("os_version", ""),
        user=holder,
        org_unit=tree.get(unit),
    )
    return True


KIND = Kind(Permission.MANAGE_DEVICES, apply, COLUMNS, check)
