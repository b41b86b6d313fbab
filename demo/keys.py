"""Key files of the demo's service accounts (X2): what the original's client libraries are given."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from accounts.actor import Actor
from accounts.machines.key_file import addresses, key_file
from accounts.machines.keys import WORKING, keys_of, make_key, revoke_key
from accounts.machines.owning import accounts_of
from accounts.machines.scopes import PREFIX, SCOPES
from accounts.machines.service_accounts import make_service_account
from accounts.models import ServiceAccount, User
from demo.cast import FINN, OFFICE, TOM

NAME: Final = "Demo client"
# Days, the longest there is: the demo's data live as long as nobody resets them.
_LASTS: Final = 365


@dataclass(frozen=True, slots=True)
class Machine:
    """A service account of the demo. admin: who makes it; acts_for: some whom it can act for; file: of its key."""

    file: str
    admin: str
    acts_for: tuple[str, ...]
    scopes: tuple[str, ...]


MACHINES: Final = (
    Machine("acme.json", "ana@acme.example", ("ana@acme.example", "aya@acme.example"), tuple(SCOPES)),
    Machine("resale-one.json", "rosa@resale-one.example", ("rosa@resale-one.example", TOM), tuple(SCOPES)),
    Machine("northwind.json", "nora@northwind.example", ("nora@northwind.example", FINN), (f"{PREFIX}apps.order",)),
)


def write_keys(folder: Path) -> Iterator[tuple[Machine, Path, User]]:
    """Write a key file for each machine, unless one is there whose key works; yields them with their admin.

    A file that is there is told where this installation answers now: its port may be another one.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for machine in MACHINES:
        path, admin = folder / machine.file, User.objects.get(email=machine.admin)
        account = _account(machine, admin)
        said = _said_in(path, account)
        _write(path, {**said, **addresses(account, settings.CONSOLE_URL)} if said else _made(account, admin))
        yield machine, path, admin


def _account(machine: Machine, admin: User) -> ServiceAccount:
    organisation = admin.customer or admin.reseller
    assert organisation is not None
    found = accounts_of(organisation).filter(name=NAME).first()
    actor = Actor(user=admin, ip_address=OFFICE)
    return found or make_service_account(actor=actor, organisation=organisation, name=NAME, scopes=machine.scopes)


def _said_in(path: Path, account: ServiceAccount) -> dict[str, Any] | None:
    """Return what a key file says whose key works; None for one that is not there, or is of another database."""
    try:
        said: dict[str, Any] = json.loads(path.read_text())
        return said if keys_of(account).filter(WORKING, kid=said["private_key_id"]).exists() else None
    except (OSError, ValueError, KeyError):
        return None


def _made(account: ServiceAccount, admin: User) -> dict[str, Any]:
    """Make a key in the place of those whose files are gone."""
    actor = Actor(user=admin, ip_address=OFFICE)
    for lost in keys_of(account).filter(WORKING):
        revoke_key(actor=actor, key=lost)
    made = make_key(actor=actor, account=account, days=_LASTS)
    said: dict[str, Any] = json.loads(key_file(made, settings.CONSOLE_URL))
    return said


def _write(path: Path, said: dict[str, Any]) -> None:
    """Write a file that nobody else may read, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(said, indent=2) + "\n")
    unfinished.replace(path)
