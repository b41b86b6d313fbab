from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.client import signed_in
from tests.factories import put_person


@pytest.fixture
def operator(db: None) -> User:
    return put_person(VENDOR, Role.VENDOR_OPERATOR)


@pytest.fixture
def client(operator: User) -> Client:
    """An operator's browser, with a fresh proof."""
    return signed_in(operator)
