"""The original's client over our own access API, as machines of a customer and of a reseller use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.models import User
from tests.api.google import service
from tests.api.machines import machine

READS = "reseller.access.readonly"


class Api:
    """What a machine asks for a person, by resource and method; `customer` is filled in."""

    def __init__(self, person: User, customer: str, *scopes: str) -> None:
        self.service = service(Client(), machine(person, *(scopes or ("reseller.access",))), "resellerAccess", "v1")
        self.customer = customer

    def __call__(self, resource: str, method: str, **given: Any) -> Any:
        chosen = getattr(self.service, resource)()
        return getattr(chosen, method)(**{"customer": self.customer, **given}).execute()


def refused(ask: Callable[..., Any], *named: str, **given: Any) -> tuple[int, str]:
    """The HTTP status and the status in words of what a call is refused with."""
    with pytest.raises(HttpError) as caught:
        ask(*named, **given)
    error = json.loads(caught.value.content)["error"]
    return error["code"], error["status"]
