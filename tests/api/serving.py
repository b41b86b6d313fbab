"""A few methods that tests serve themselves: what the layer does with any method is looked at without an API.

They stand in the place of those that are served, read and change rows, and leave everything else to the layer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts.models import OrgUnit, User
from api.core.call import Call
from api.core.errors import NotFound
from api.core.methods import Method
from api.core.paging import page
from tests.api.machines import machine

UNITS = "/admin/directory/v1/customer/my_customer/orgunits"


def serve_only(monkeypatch: pytest.MonkeyPatch, functions: Mapping[str, Method]) -> None:
    """Serve these functions, by the ids of their methods, and nothing else."""
    monkeypatch.setattr("api.core.methods._METHODS", dict(functions))


def shown(unit: OrgUnit) -> dict[str, Any]:
    return {"kind": "admin#directory#orgUnit", "name": unit.name, "orgUnitId": f"id:{unit.pk}"}


def units_of(call: Call) -> Any:
    return OrgUnit.objects.filter(customer=call.actor.user.customer, parent__isnull=False)


def named(call: Call) -> OrgUnit:
    unit: OrgUnit | None = units_of(call).filter(name=call.params["orgUnitPath"]).first()
    if unit is None:
        raise NotFound("orgUnitPath")
    return unit


def list_units(call: Call) -> dict[str, Any]:
    rows = units_of(call).order_by("pk")
    return {"kind": "admin#directory#orgUnits", "organizationUnits": [shown(unit) for unit in rows]}


def get_unit(call: Call) -> dict[str, Any]:
    return shown(named(call))


def patch_unit(call: Call) -> dict[str, Any]:
    unit = named(call)
    unit.name = call.body["name"]
    unit.save(update_fields=["name"])
    return shown(unit)


def delete_unit(call: Call) -> None:
    named(call).delete()


def list_groups(call: Call) -> dict[str, Any]:
    """Units as groups, a page at a time: the list of units has no pages in the original."""
    rows, token = page(call, units_of(call), keys=("name", "id"), size=call.params["maxResults"])
    groups = [{"name": unit.name, "id": str(unit.pk)} for unit in rows]
    return {"kind": "admin#directory#groups", "groups": groups} | ({"nextPageToken": token} if token else {})


UNIT_METHODS: Mapping[str, Method] = {
    "directory.orgunits.list": list_units,
    "directory.orgunits.get": get_unit,
    "directory.orgunits.patch": patch_unit,
    "directory.orgunits.delete": delete_unit,
    "directory.groups.list": list_groups,
}


@dataclass
class Caller:
    """A program that writes its requests by hand."""

    token: str = ""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    @classmethod
    def of(cls, person: User, *scopes: str) -> Caller:
        return cls(machine(person, *scopes))

    def send(self, method: str, path: str, body: Any = None, *, kind: str = "application/json", **headers: str) -> Any:
        """Send a request. body: as it is where it is text or bytes, else as JSON. headers: with _ for -."""
        raw = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.generic(method, path, raw, kind, headers={**bearer, **sent})

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)
