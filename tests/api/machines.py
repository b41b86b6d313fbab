"""Machines for tests: a service account and a token with which it acts for a person."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any

import jwt
from django.conf import settings

from accounts.actor import Actor
from accounts.machines.key_file import key_file
from accounts.machines.keys import make_key
from accounts.machines.scopes import SCOPES, whole
from accounts.machines.tokens import mint
from accounts.models import ServiceAccount, User

_numbers = count(1)


def account_of(person: User, *scopes: str, name: str = "") -> ServiceAccount:
    """A service account of the organisation of a person, as a row alone; without scopes: all are delegated to it."""
    name = name or f"Machine {next(_numbers)}"
    return ServiceAccount.objects.create(
        customer=person.customer,
        reseller=person.reseller,
        is_vendor=person.is_vendor,
        name=name,
        email=f"{name.lower().replace(' ', '-')}@tests-{next(_numbers)}.iam.example",
        scopes=[whole(scope) for scope in scopes] or list(SCOPES),
        made_by=person,
    )


def machine(person: User, *scopes: str, account: ServiceAccount | None = None) -> str:
    """The text of a token with which a machine acts for a person. scopes: also without their prefix; none: all."""
    account = account or account_of(person)
    text, _until = mint(
        account=account, key=None, person=person, scopes=[whole(scope) for scope in scopes] or account.scopes
    )
    return text


def signing_account(person: User, *scopes: str, name: str = "") -> tuple[ServiceAccount, dict[str, str]]:
    """A service account of the organisation of a person, with a key made by the verb; and what its file says."""
    account = account_of(person, *scopes, name=name)
    return account, key_of(account, person)


def key_of(account: ServiceAccount, admin: User) -> dict[str, str]:
    """What the file of a new key says."""
    made = make_key(actor=Actor(user=admin), account=account, days=90)
    said: dict[str, str] = json.loads(key_file(made, settings.CONSOLE_URL))
    return said


def assertion(file: dict[str, str], subject: str = "", *scopes: str, **claims: Any) -> str:
    """What a client signs with the key of a file. claims: others than usual; None: without it."""
    now = int(time.time())
    said = {
        "iss": file["client_email"],
        "aud": "https://oauth2.googleapis.com/token",
        "iat": now,
        "exp": now + 3600,
        "scope": " ".join(whole(scope) for scope in scopes or ("admin.directory.user",)),
        **({"sub": subject} if subject else {}),
        **claims,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, file["private_key"], algorithm="RS256", headers={"kid": file["private_key_id"]})
