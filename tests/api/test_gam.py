"""GAM 7 at this server: the commands that admins and resellers type, in a process and an environment of its own.

GAM wants other versions of libraries than the tests: .ci/run installs it into .local/gam.
"""

from __future__ import annotations

import csv
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from accounts.actor import Actor
from accounts.machines.key_file import key_file
from accounts.machines.keys import make_key
from accounts.models import AuditEvent, DirectoryGroup, User
from reseller_console.local import places
from subscriptions.models import Licence, Subscription
from tests.access.world import propagate, sell
from tests.api.directory.world import make_device
from tests.api.machines import account_of
from tests.cast import Cast, cast

__all__ = ["cast"]
PYTHON = places.STATE / "gam" / "bin" / "python"
SCRIPT = places.CHECKOUT / "examples" / "gam" / "gam_here.py"
STARTER = "1010020027"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not PYTHON.exists(), reason="GAM is not installed in .local/gam (see .ci/run)"),
]


@dataclass(frozen=True)
class Gam:
    """GAM, signed in as one person."""

    directory: Path

    def __call__(self, command: str, *, code: int = 0) -> str:
        """Run a command, which ends with a code; returns what it printed."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.directory), "GAMCFGDIR": str(self.directory)}
        done = subprocess.run(
            [str(PYTHON), str(SCRIPT), *shlex.split(command)],
            env=environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, f"gam {command}\n{done.stdout}\n{done.stderr}"
        assert "WARNING" not in done.stderr, done.stderr
        return done.stdout if code == 0 else done.stderr

    def rows(self, command: str) -> list[dict[str, str]]:
        """Run a command that prints a table."""
        return list(csv.DictReader(self(command).splitlines()))


def gam_of(person: User, live_server: LiveServer, tmp_path: Path) -> Gam:
    """GAM as an operator sets it up for a person, with a key from the page."""
    made = make_key(actor=Actor(person), account=account_of(person), days=90)
    key, directory = tmp_path / "key.json", tmp_path / "gam"
    key.write_text(key_file(made, live_server.url))
    call_command("gam_config", person.email, str(directory), key=str(key), verbosity=0)
    modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir() if path.is_file()}
    assert modes == dict.fromkeys(("oauth2service.json", "oauth2.txt", "client_secrets.json", "gam.cfg"), 0o600)
    return Gam(directory)


@pytest.fixture
def gam(cast: Cast, live_server: LiveServer, tmp_path: Path) -> Gam:
    """GAM of Acme's super admin; Resale One sold Acme a subscription."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    return gam_of(cast.acme.super_admin, live_server, tmp_path)


def test_gam_keeps_people(gam: Gam, cast: Cast) -> None:
    assert "Primary Domain: acme.example" in gam("info domain")
    gam("create user eve firstname Eve lastname Evans password Seven-Lantern-Orchard nohash")
    assert "Full Name: Eve Evans" in gam("info user eve@acme.example")
    gam("update user eve@acme.example lastname Everett suspended on")
    found = gam.rows('print users query "isSuspended=true" fields primaryEmail,name')
    assert [row["primaryEmail"] for row in found] == ["eve@acme.example"]
    assert found[0]["name.familyName"] == "Everett"
    gam("create alias eva@acme.example user eve@acme.example")
    assert "eva@acme.example" in gam("info user eve@acme.example")
    gam("delete user eve@acme.example")
    assert User.objects.get(email="eve@acme.example").deleted_at is not None
    gam("undelete user eve@acme.example")
    assert User.objects.get(email="eve@acme.example").deleted_at is None


def test_gam_keeps_units_and_groups(gam: Gam, cast: Cast) -> None:
    gam("create org /Sales description 'Who sells'")
    assert "Who sells" in gam("info org /Sales")
    assert {row["orgUnitPath"] for row in gam.rows("print orgs")} == {"/Sales"}
    gam("delete org /Sales")
    gam("create group sales@acme.example name Sales description 'Who sells' whocanjoin anyone_can_join")
    assert DirectoryGroup.objects.get().who_may_join == "anybody"
    assert "whoCanJoin: ANYONE_CAN_JOIN" in gam("info group sales@acme.example")
    gam("update group sales@acme.example add member dave@acme.example")
    [member] = gam.rows("print group-members group sales@acme.example")
    assert (member["email"], member["role"], member["type"]) == ("dave@acme.example", "MEMBER", "USER")
    assert [row["email"] for row in gam.rows("print groups name")] == ["sales@acme.example"]
    gam("delete group sales@acme.example")
    assert not DirectoryGroup.objects.exists()


def test_gam_reads_what_there_is(gam: Gam, cast: Cast) -> None:
    make_device(cast.acme.customer, "5CD123", user=cast.acme.nobody)
    make_device(cast.acme.customer, "R58M45", "android", user=cast.acme.nobody)
    assert {row["roleName"] for row in gam.rows("print adminroles")} >= {"_SEED_ADMIN_ROLE", "_AUDITOR_ROLE"}
    held = {(row["assignedToUser"], row["role"]) for row in gam.rows("print admins")}
    assert ("alice@acme.example", "_SEED_ADMIN_ROLE") in held
    [chromebook] = gam.rows("print cros fields serialnumber,status")
    assert (chromebook["serialNumber"], chromebook["status"]) == ("5CD123", "ACTIVE")
    [telephone] = gam.rows("print mobile")
    assert telephone["email"] == "dave@acme.example"
    assert [row["domainName"] for row in gam.rows("print domains")] == ["acme.example"]
    gam(f"user dave@acme.example add license {STARTER}")
    assert Licence.objects.get(revoked_at=None).user == cast.acme.nobody
    assert [row["userId"] for row in gam.rows(f"print licenses sku {STARTER}")] == ["dave@acme.example"]
    gam(f"user dave@acme.example delete license {STARTER}")
    assert not Licence.objects.filter(revoked_at=None).exists()
    found = gam.rows("report admin event USER_LICENSE_REVOKE")
    assert [row["actor.email"] for row in found] == ["alice@acme.example"]


def test_gam_says_why_it_may_not(gam: Gam, cast: Cast) -> None:
    gam("create group sales@acme.example")
    assert "Duplicate" in gam("create group sales@acme.example", code=57)
    assert "Does not exist" in gam("info group nobody@acme.example", code=50)
    assert not AuditEvent.objects.filter(name="CREATE_GROUP").exclude(actor_id=cast.acme.super_admin.pk).exists()


def test_gam_sells(cast: Cast, live_server: LiveServer, tmp_path: Path) -> None:
    gam = gam_of(cast.resale_one.admin, live_server, tmp_path)
    gam(
        "create resoldcustomer initech.example email boss@elsewhere.example phone +15551234567 contact 'Bill'"
        " name Initech address1 'Main St 1' locality Austin region TX postalcode 73301 country US"
    )
    shown = gam("info resoldcustomer initech.example")
    assert "Customer Domain: initech.example" in shown
    gam(f"create resoldsubscription initech.example sku {STARTER} plan annual_monthly_pay seats 10 10")
    sold = Subscription.objects.get(customer__primary_domain="initech.example")
    assert (sold.plan, sold.number_of_seats) == ("ANNUAL_MONTHLY_PAY", 10)
    gam(f"update resoldsubscription initech.example {STARTER} seats 12 12")
    gam(f"update resoldsubscription initech.example {STARTER} renewal cancel")
    gam(f"update resoldsubscription initech.example {STARTER} suspend")
    gam(f"update resoldsubscription initech.example {STARTER} activate")
    sold.refresh_from_db()
    assert (sold.number_of_seats, sold.renewal_type, sold.status) == (12, "CANCEL", "ACTIVE")
    assert "numberOfSeats: 12" in gam("show resoldsubscriptions customerid initech.example")
    [row] = gam.rows("print resoldsubscriptions customerid initech.example")
    assert row["skuId"] == STARTER
    gam(f"delete resoldsubscription initech.example {STARTER} cancel")
    sold.refresh_from_db()
    assert sold.status == "CANCELLED"
