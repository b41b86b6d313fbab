"""Alice at the sign-in page, with all her attempts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from tests.factories import PASSWORD, make_customer, make_person

SIGN_IN, SESSIONS, CHANGE = "/accounts/login/", "/accounts/sessions/", "/accounts/password/change/"


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> Iterator[None]:
    """Each test begins with all its attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    customer = make_customer("Acme", "acme.example")
    return make_person(customer, Role.SUPER_ADMIN, name="Alice", email="alice@acme.example", password=PASSWORD)


def sign_in(client: Client, login: str = "alice@acme.example", password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get(SESSIONS).status_code == 200
