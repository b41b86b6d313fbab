"""The directory for GAM: written with a key of the person's own organisation, and never over another one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actor import Actor
from accounts.machines.key_file import key_file
from accounts.machines.keys import make_key
from accounts.models import User
from tests.api.machines import account_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def key_of(person: User, directory: Path) -> str:
    made = make_key(actor=Actor(person), account=account_of(person), days=30)
    path = directory / f"{person.pk}.json"
    path.write_text(key_file(made, "https://console.example"))
    return str(path)


def test_X2_the_key_is_one_of_the_persons_own_organisation(cast: Cast, tmp_path: Path) -> None:
    alice, own = cast.acme.super_admin, key_of(cast.acme.super_admin, tmp_path)
    call_command("gam_config", alice.email, str(tmp_path / "gam"), key=own, verbosity=0)
    alice.refresh_from_db()
    signed_in = json.loads((tmp_path / "gam" / "oauth2.txt").read_text())
    assert signed_in["decoded_id_token"]["email"] == alice.email
    assert signed_in["token_uri"] == "https://console.example/token"
    assert f"customer_id = {alice.customer.customer_id}" in (tmp_path / "gam" / "gam.cfg").read_text()
    for stranger in (cast.globex.super_admin, cast.resale_one.admin):
        with pytest.raises(CommandError, match="has no service account"):
            call_command("gam_config", alice.email, str(tmp_path / "other"), key=key_of(stranger, tmp_path))
    assert not (tmp_path / "other").exists()


def test_nothing_is_written_over_and_nothing_without_a_key(cast: Cast, tmp_path: Path) -> None:
    alice, own = cast.acme.super_admin, key_of(cast.acme.super_admin, tmp_path)
    (tmp_path / "gam").mkdir()
    (tmp_path / "gam" / "gam.cfg").write_text("mine")
    with pytest.raises(CommandError, match=r"There is gam\.cfg already"):
        call_command("gam_config", alice.email, str(tmp_path / "gam"), key=own)
    assert (tmp_path / "gam" / "gam.cfg").read_text() == "mine"
    (tmp_path / "text").write_text("no key")
    (tmp_path / "empty.json").write_text("{}")
    for key, said in (("text", "not the file"), ("empty.json", "not the file"), ("nowhere", "No such file")):
        with pytest.raises(CommandError, match=said):
            call_command("gam_config", alice.email, str(tmp_path / "new"), key=str(tmp_path / key))
    assert not (tmp_path / "new").exists()
