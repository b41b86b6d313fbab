"""Backup and restore as docs/operations.md says, with the real pg_dump and pg_restore: what was closed stays closed."""

from __future__ import annotations

import csv
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.directory.people import suspend_user
from accounts.mail import post, sending
from accounts.models import Mail
from accounts.models.mail import INVITATION, DropReason
from accounts.seals.eras import begin_seal_era
from accounts.seals.sealer import Sealer
from accounts.seals.verifying import verify
from reseller_console.local import places, processes
from reseller_console.local.postgres import OWNER, SEALER, Postgres, make_roles, programs
from subscriptions.access import reconcile
from support import cases
from support.models import Attachment
from tests.access.boxes import console, save
from tests.access.world import World, make_world, may_enter, propagate
from tests.guide import GUIDE, StandIn
from tests.reseller_console.compose import OURS
from tests.servers import ADMINISTRATOR, connected_as, database_url, environment
from tests.support.world import attach, make_case, path_of

SECTION = GUIDE.partition("\n## Backup and restore\n")[2].partition("\n## ")[0]
BACKUP, RESTORE = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
# What its last line says, when nothing is needed any more.
[DROP] = re.findall(r"`(docker compose exec postgres dropdb .*?)`", SECTION)


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of the tests without a transaction. The name tells pytest-django that it is needed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def server(db: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL as the guide finds it: the database and its administrator are called console."""
    server = Postgres(places.temporary(processes.server_account()), for_tests=True)
    values: dict[str, Any] = connection.settings_dict
    kept = {name: values[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    with django_db_blocker.unblock():
        whole = run_program("pg_dump", "--format", "custom", "--no-owner", "--no-acl", "--dbname", url_of_tests())
        try:
            server.start()
            server.create_database("console")
            sql(server, "CREATE ROLE console SUPERUSER LOGIN")
            make_roles(server.url("console", "console"))
            run_program("pg_restore", "--exit-on-error", "--dbname", server.url("console"), content=whole)
            connection.close()
            values.update(USER="console", PASSWORD="", HOST=host_of(server), PORT="", NAME="console")
            make_roles(server.url("console", "console"))
            yield server
        finally:
            connection.close()
            values.update(kept)
            server.remove()


def host_of(server: Postgres) -> str:
    return server.url().partition("?host=")[2]


def url_of_tests() -> str:
    return database_url(ADMINISTRATOR)


def run_program(name: str, *arguments: str, content: bytes | None = None) -> bytes:
    """Run one of PostgreSQL's programs; returns what it printed."""
    command = [str(programs(processes.server_account()) / name), *arguments]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'console%'")
        return {name for (name,) in cursor.fetchall()}


def sql(server: Postgres, statement: str) -> None:
    run_program("psql", "--dbname", server.url("console"), "--set", "ON_ERROR_STOP=1", "--command", statement)


@pytest.fixture
def follow(server: Postgres, tmp_path: Path, media_root: None) -> Callable[[str], str]:
    """Runs the lines of the guide in one shell, stopping at the first that fails; returns what they printed."""
    shell = {**environment({"PGHOST": host_of(server)}), "DATABASE_OWNER_URL": server.url("console", OWNER)}
    stand_in = StandIn(tmp_path, Path(settings.MEDIA_ROOT).parent, shell)

    def follow(lines: str) -> str:
        connection.close()
        return stand_in.follow(lines)

    return follow


@pytest.fixture
def media_root(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "volume" / "media"
    settings.MEDIA_ROOT.mkdir(parents=True)


def sealer(settings: Settings, outside: Path) -> Callable[[], int]:
    """What lets a sealer look once that was just started; for it the server of the guide is a restored one, too."""
    storage = {"BACKEND": "accounts.seals.outside.SealFolder", "OPTIONS": {"location": str(outside)}}
    settings.STORAGES = {**settings.STORAGES, "audit_seals": storage}
    key = Ed25519PrivateKey.generate()
    begin_seal_era(actor=None, reason="moved to this server")

    def seal() -> int:
        with connected_as(SEALER):
            return Sealer(key).look()

    return seal


def test_everything_of_ours_is_stopped_and_started_again() -> None:
    for verb in ("stop", "start"):
        [named] = re.findall(rf"^docker compose {verb} (.*)$", RESTORE, re.MULTILINE)
        assert set(named.split()) == OURS - {"migrate"}


def test_R8_a_restore_as_the_guide_says_reopens_nothing(
    follow: Callable[[str], str], tmp_path: Path, settings: Settings
) -> None:
    """And A5: the log is sealed on in an era of its own, which says why."""
    seal = sealer(settings, tmp_path / "seals")
    world = make_world()
    assert seal() > 0
    person = world.admin.user
    case = make_case(world.customer, person)
    attach(case, person, b"kept")
    post.queue(INVITATION, [world.agent])
    # The guide notes the backup's moment in whole seconds: what was written in that second would count as later.
    time.sleep(1)
    follow(BACKUP)
    # What the backup does not know: access was taken away, the mail went out, another case was filed.
    Mail.objects.update(dropped_because=DropReason.NOT_FOR_THEM)
    save(world, console(world, False))
    propagate()
    cases.close(actor=world.admin, case_id=case.pk)
    suspend_user(actor=None, person=world.agent)
    lost = make_case(world.customer, person)
    path_of(Attachment.objects.get().pk).unlink()

    assert seal() > 0
    said = follow(RESTORE)
    assert "Era 3 has begun" in said
    assert not may_enter(world.agent, world.customer)
    propagate()
    assert not may_enter(world.agent, world.customer)
    assert "Nothing was changed yet" in said and "Closed everything" in said
    assert "events here are later" not in said, "the era that the guide begins is no sign of a wrong time"
    assert "1  of it had been taken away since" in said
    again = said.partition("Do them again:")[2].splitlines()[1]
    assert "User suspended" in again and world.agent.email in again
    assert said.rstrip().endswith("Every file of a case is there, and no other.")
    assert reconcile.check() == []
    [listed] = tmp_path.glob("backups/*/lost.csv")
    assert {"Reseller access changed", "Case closed"} <= {row[1] for row in csv.reader(listed.read_text().splitlines())}
    assert make_case(world.customer, person).pk > lost.pk
    assert path_of(Attachment.objects.get().pk).read_bytes() == b"kept"
    assert Mail.objects.get(kind=INVITATION).dropped_because == DropReason.RESTORED
    assert sending.send_due_mails() == 1, "the mail that tells the super admin"

    assert seal() == 2, "what the backup had beyond its last seal, and what was done since"
    verdict = verify()
    assert (verdict.problems, verdict.unsealed) == ([], 0)
    assert any("restored from the backup of 20" in note for note in verdict.notes)

    assert databases() == {"console", "console_before"}
    follow(DROP)
    assert databases() == {"console"}


def test_R8_a_backup_of_an_older_schema_is_migrated_then_closed(server: Postgres, tmp_path: Path) -> None:
    world: World = make_world()
    assert may_enter(world.agent, world.customer)
    for app, before in (("subscriptions", "0011"), ("accounts", "0018")):
        call_command("migrate", app, before, verbosity=0)
    dump = run_program("pg_dump", "--format", "custom", "--dbname", server.url("console"))
    connection.close()
    run_program("dropdb", "--host", host_of(server), "--username", "console", "console")
    server.create_database("console")
    run_program("pg_restore", "--exit-on-error", "--dbname", server.url("console"), content=dump)
    options = ["reconcile_access", "--restored-from", "2026-01-01T00:00:00Z"]
    with pytest.raises(CommandError, match="The database is older than this code"):
        call_command(*options)
    call_command("migrate", verbosity=0)
    call_command(*options, verbosity=0)
    assert not may_enter(world.agent, world.customer)
