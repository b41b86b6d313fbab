"""The examples do what they say, as they stand in the repository and as people start them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.actor import Actor
from accounts.directory.suspending import suspend_users
from accounts.machines.key_file import key_file
from accounts.machines.keys import make_key
from accounts.models import Device, DirectoryGroup, User
from reseller_console.local import places
from subscriptions.models import Licence, Subscription
from tests.access.world import propagate, sell
from tests.api.directory.world import make_device, make_group
from tests.api.machines import account_of
from tests.cast import Cast, cast
from tests.factories import make_unit

__all__ = ["cast"]
EXAMPLES = places.CHECKOUT / "examples"
# Where .ci/run has npm put it.
MODULES = places.STATE / "googleapis" / "node_modules"
STARTER = "1010020027"

pytestmark = pytest.mark.django_db(transaction=True)


class Runner:
    """Runs examples with the key of a machine that acts for one person."""

    def __init__(self, person: User, live_server: LiveServer, directory: Path) -> None:
        made = make_key(actor=Actor(person), account=account_of(person), days=30)
        self.directory = directory
        (directory / "key.json").write_text(key_file(made, live_server.url))
        self.environment = {**os.environ, "KEY": str(directory / "key.json"), "PERSON": person.email}

    def python(self, name: str, *arguments: str) -> list[str]:
        return self.run(sys.executable, "-W", "error", str(EXAMPLES / "python" / f"{name}.py"), *arguments)

    def run(self, *command: str) -> list[str]:
        """Run a command, which must succeed; returns the lines that it printed."""
        done = subprocess.run(
            command, env=self.environment, cwd=self.directory, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()


@pytest.fixture(autouse=True)
def _is_reached_as_people_type_it(live_server: LiveServer, settings: Any) -> None:
    """What a client signs names the server that it is for."""
    settings.CONSOLE_URL = live_server.url


@pytest.fixture
def acme(cast: Cast, live_server: LiveServer, tmp_path: Path) -> Runner:
    """Acme's super admin; Resale One sold Acme a subscription."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    return Runner(cast.acme.super_admin, live_server, tmp_path)


def test_examples_in_python_for_a_customer(acme: Runner, cast: Cast) -> None:
    dave, customer = cast.acme.nobody, cast.acme.customer
    assert acme.python("suspended_users") == []
    suspend_users(actor=None, organisation=customer, people=[dave.pk])
    assert acme.python("suspended_users") == ["dave@acme.example 1970-01-01T00:00:00.000Z"]
    sales = make_group(customer, "Sales")
    new = ("eve@acme.example", "Eve", "Evans", sales.email, "Google-Apps", STARTER)
    steps = ("added", "in the group", "licensed")
    assert acme.python("new_colleague", *new) == [f"eve@acme.example {step}" for step in steps]
    assert acme.python("new_colleague", *new) == [f"eve@acme.example {step} already" for step in steps]
    eve = User.objects.get(email="eve@acme.example")
    assert (eve.name, eve.must_change_password) == ("Eve Evans", True)
    assert list(sales.members.values_list("user", flat=True)) == [eve.pk]
    assert Licence.objects.get(revoked_at=None).user == eve
    unit = make_unit(customer, "Berlin")
    moved = make_device(customer, "5CD1")
    make_device(customer, "5CD2")
    Device.objects.filter(pk=moved.pk).update(annotated_location="Berlin")
    assert acme.python("move_chromebooks", "location:berlin", "/Berlin") == ["1 moved to /Berlin"]
    assert list(Device.objects.filter(org_unit=unit)) == [moved]


def test_the_example_about_changed_access(acme: Runner, cast: Cast) -> None:
    [begun] = acme.python("who_changed_access")
    assert "Resale One" in begun or "NEW_VALUE" in begun


def test_the_example_of_a_reseller(cast: Cast, live_server: LiveServer, tmp_path: Path) -> None:
    rita = Runner(cast.resale_one.admin, live_server, tmp_path)
    [said] = rita.python("sell", "initech.example", "Initech", STARTER, "7", "Bill", "boss@elsewhere.example")
    sold = Subscription.objects.get(customer__primary_domain="initech.example")
    assert (sold.number_of_seats, sold.reseller) == (7, cast.resale_one.reseller)
    assert said.endswith(sold.public_id)


def test_examples_with_curl(acme: Runner, cast: Cast) -> None:
    for program in ("curl", "jq", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    make_group(cast.acme.customer, "Sales")
    make_group(cast.acme.customer, "Support")
    assert acme.run(str(EXAMPLES / "curl" / "groups.sh"), "sal") == ["sales@acme.example\tSales"]


def test_the_example_with_node(acme: Runner, cast: Cast) -> None:
    node = shutil.which("node")
    if node is None or not MODULES.exists():
        pytest.skip("no Node, or npm has not installed googleapis in .local/googleapis (see .ci/run)")
    sales = make_group(cast.acme.customer, "Sales")
    (acme.directory / "node_modules").symlink_to(MODULES)
    for script in (EXAMPLES / "node").iterdir():
        shutil.copy(script, acme.directory)
    for _again in range(2):
        printed = acme.run(node, "add_member.mjs", sales.email, "dave@acme.example")
        assert printed == ["dave@acme.example\tMEMBER"]
    assert DirectoryGroup.objects.get().members.count() == 1


def test_every_example_is_listed(acme: Runner) -> None:
    said = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    scripts = [path for path in EXAMPLES.rglob("*") if path.suffix in {".py", ".sh", ".mjs"} and path.stem != "here"]
    assert [path for path in scripts if f"]({path.relative_to(EXAMPLES)})" not in said] == []
    assert json.loads((acme.directory / "key.json").read_text())["token_uri"].endswith("/token")
