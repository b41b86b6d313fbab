from __future__ import annotations

import pytest

from accounts.machines import quotas
from accounts.models import Customer, User
from accounts.roles import Role
from tests.api.scim_world import Program, program_of
from tests.api.serving import UNIT_METHODS, Caller, serve_only
from tests.factories import make_customer, make_person, make_unit


@pytest.fixture(autouse=True)
def _counted_from_none() -> None:
    """What this process has counted of calls is of accounts that are gone with their test."""
    quotas.forget()


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def entra(acme: Customer) -> Program:
    """The program that keeps Acme's people."""
    return program_of(acme)


@pytest.fixture
def ana(acme: Customer) -> User:
    """A super admin of Acme, which has two units."""
    make_unit(acme, "Sales")
    make_unit(acme, "Éditions")
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch, ana: User) -> Caller:
    """A program that works for Ana, with the methods of serving.py only."""
    serve_only(monkeypatch, UNIT_METHODS)
    return Caller.of(ana)
