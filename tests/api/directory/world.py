"""Acme's directory as the tests of the Directory API need it, and the client with which they call it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from accounts.directory.devices import enrol_device
from accounts.directory.groups import add_members, create_group
from accounts.models import Customer, Device, DirectoryGroup, OrgUnit, User
from accounts.models.directory import MemberRole
from tests.factories import make_unit


def refusal(request: Any) -> tuple[int, str]:
    """With which status and reason a call is refused; it must be."""
    status, reason, _message = refusal_in_words(request)
    return status, reason


def refusal_in_words(request: Any) -> tuple[int, str, str]:
    """The same, with what is said."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    error = json.loads(caught.value.content)["error"]
    assert error["code"] == caught.value.status_code
    return error["code"], error["errors"][0]["reason"], error["message"]


def all_pages(resource: Any, method: str, items: str, **asked: Any) -> list[list[dict[str, Any]]]:
    """Every page of a list, as the client asks for one after the other."""
    request, pages = getattr(resource, method)(**asked), []
    while request is not None:
        answer = request.execute()
        pages.append(answer.get(items, []))
        request = getattr(resource, f"{method}_next")(request, answer)
    return pages


def make_group(customer: Customer, name: str, *inside: User | DirectoryGroup, email: str = "") -> DirectoryGroup:
    """A group with plain members."""
    email = email or f"{name.lower().replace(' ', '-')}@{customer.primary_domain}"
    group = create_group(actor=None, customer=customer, email=email, name=name)
    people = [one for one in inside if isinstance(one, User)]
    subgroups = [one for one in inside if isinstance(one, DirectoryGroup)]
    add_members(actor=None, group=group, people=people, subgroups=subgroups, role=MemberRole.MEMBER)
    return group


def make_device(customer: Customer, serial: str, kind: str = "chromeos", **more: Any) -> Device:
    return enrol_device(actor=None, customer=customer, kind=kind, serial_number=serial, **more)


@dataclass(frozen=True)
class Things:
    """One of each thing of a customer, that a stranger could name."""

    customer: Customer
    person: User
    group: DirectoryGroup
    unit: OrgUnit
    chromebook: Device
    telephone: Device


def things_of(customer: Customer, people: Sequence[User]) -> Things:
    """One of each thing; the person is in the group."""
    unit = make_unit(customer, "Sales")
    group = make_group(customer, "Team", people[0])
    chromebook, telephone = make_device(customer, "5CD000"), make_device(customer, "R58M0", "android")
    for row in (unit, group, chromebook, telephone):
        row.refresh_from_db()
    return Things(customer, people[0], group, unit, chromebook, telephone)
