"""What the tests of Directory v1 share: the original's client for a person, and what an error of it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.models import AuditEvent, User
from tests.api.google import Http, service
from tests.api.machines import machine

PASSWORD = "seven-lantern-orchard"


class Said(NamedTuple):
    """What an error said: its status, its reason and its sentence."""

    status: int
    reason: str
    message: str


@dataclass(frozen=True)
class Directory:
    """google-api-python-client for Directory v1, with the token of a machine that acts for a person."""

    person: User
    client: Any

    @classmethod
    def of(cls, person: User, *scopes: str) -> Directory:
        client = Client()
        return cls(person, service(client, "", "admin", "directory_v1", Http(client, machine(person, *scopes))))

    @property
    def users(self) -> Any:
        return self.client.users()

    def new(self, email: str, given: str = "Lea", family: str = "Roy", **more: Any) -> Any:
        name = {"givenName": given, "familyName": family}
        return self.users.insert(body={"primaryEmail": email, "name": name, "password": PASSWORD, **more}).execute()


def said(request: Any) -> Said:
    """Send a request that is refused, and return what was said."""
    with pytest.raises(HttpError) as refused:
        request.execute()
    error = json.loads(refused.value.content)["error"]
    assert "status" not in error, "GAM reads it before the reason"
    return Said(error["code"], error["errors"][0]["reason"], error["message"])


def status_of(request: Any) -> int:
    """Send a request that is refused in whatever envelope, and return its status."""
    with pytest.raises(HttpError) as refused:
        request.execute()
    return int(refused.value.resp.status)


def reason_of(request: Any) -> tuple[int, str]:
    """Send a request that is refused, and return its status and reason."""
    return said(request)[:2]


def events_about(person: User) -> list[str]:
    """Return what was written about a person, in its order."""
    return list(
        AuditEvent.objects.filter(target_kind="user", target_id=person.pk).order_by("id").values_list("name", flat=True)
    )


as_json = partial(json.dumps, sort_keys=True)
