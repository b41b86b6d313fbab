"""Behind Debian's PgBouncer in transaction mode, which gives each transaction another session: everything works."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.background import sweeping
from accounts.background.pieces import in_pieces
from accounts.database import freeing
from accounts.database.roles import excess_rights
from accounts.database.time_limits import IDLE, LOCK, STATEMENT, missing_limits
from accounts.models import Customer, User
from accounts.models.jobs import JobStatus
from reseller_console.local import places, processes
from reseller_console.local.postgres import APPLICATION
from reseller_console.local.valkey import free_port
from subscriptions.lifecycle import settling
from subscriptions.models.subscription import Plan, Status
from support import migration
from tests import servers
from tests.access.world import World, make_world
from tests.factories import PASSWORD, make_customer
from tests.jobs.bulk_world import run, upload
from tests.subscriptions.lifecycle_world import days_pass, now, on_plan

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
SESSIONS = 3
# One session after the other: what needs the same one in two transactions fails at once.
CONFIGURATION = """
[databases]
* = host={sockets} pool_size={sessions}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
server_round_robin = 1
"""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("pooled"),
    pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not here: apt-get install pgbouncer"),
]


@pytest.fixture
def direct(transactional_db: None) -> str:
    """The URL of the database past the pooler."""
    return servers.database_url(APPLICATION)


@pytest.fixture
def pooled(direct: str) -> Iterator[None]:
    """Django's connections, in every thread, lead through a PgBouncer of this test's own."""
    account, port = processes.server_account(), free_port()
    folder = places.temporary(account)
    values = connection.settings_dict
    sockets = values["HOST"] or values["OPTIONS"]["host"]
    (folder / "users").write_text(f'"{APPLICATION}" "{values["PASSWORD"]}"\n')
    text = CONFIGURATION.format(sockets=sockets, sessions=SESSIONS, port=port, folder=folder)
    (folder / "pgbouncer.ini").write_text(text)
    before = {name: values[name] for name in ("USER", "HOST", "PORT", "OPTIONS")}
    connection.close()
    with (folder / "log").open("wb") as log:
        argv: list[str | Path] = [str(PGBOUNCER), folder / "pgbouncer.ini"]
        child = processes.start(argv, account=account, cwd=folder, stdout=log, stderr=log)
    try:
        values.update(USER=APPLICATION, HOST="127.0.0.1", PORT=port, OPTIONS={})
        wait_until_it_answers(folder / "log")
        yield
    finally:
        connection.close()
        values.update(before)
        processes.stop(child)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_it_answers(log: Path) -> None:
    until = time.monotonic() + servers.READY_LIMIT
    while True:
        try:
            psycopg2.connect(servers.database_url()).close()
            return
        except psycopg2.OperationalError:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)


def sessions() -> dict[int, tuple[str, ...]]:
    """The limits of each session of PostgreSQL that the pooler holds, by its process id."""
    found = {}
    for _ in range(4 * SESSIONS):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_backend_pid(), array_agg(current_setting(n)) FROM unnest(%s) n", [[IDLE, LOCK, STATEMENT]]
            )
            pid, limits = cursor.fetchone()
            found[pid] = tuple(limits)
    return found


def use_every_session() -> None:
    """Let the pooler open all of its sessions: as many transactions at once."""
    others = [connection.copy() for _ in range(SESSIONS)]
    for other in others:
        other.set_autocommit(False)
        other.cursor().execute("SELECT 1")
    for other in others:
        other.rollback()  # who leaves in the middle of a transaction takes the session along
        other.close()


@pytest.fixture
def world() -> World:
    use_every_session()
    world = make_world()
    for person in (world.admin.user, world.agent):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return world


def signed_in(person: User) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_transactions_of_one_connection_are_of_many_sessions_that_all_have_our_limits(world: World) -> None:
    found = sessions()
    assert len(found) == SESSIONS
    assert set(found.values()) == {("8s", "2s", "10s")}
    assert (missing_limits(), excess_rights()) == ([], [])


def test_pages_are_shown_and_forms_are_sent(world: World) -> None:
    admin, agent = signed_in(world.admin.user), signed_in(world.agent)
    domain = world.customer.primary_domain
    names = (
        "console_home",
        "users",
        "user_new",
        "groups",
        "org_units",
        "devices",
        "licences",
        "reseller_access",
    )
    for name in names:
        assert admin.get(reverse(name, kwargs={"domain": domain})).status_code == 200, name
    for client in (admin, agent):
        assert client.get("/accounts/sessions/").status_code == 200
    assert agent.get("/reseller/").status_code == 200


def test_B6_R8_sweeps_and_jobs_are_done(world: World, settings: Settings) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE = date(2022, 10, 26)
    trial = days_pass(on_plan(world.customer, None, Plan.TRIAL), 31)
    assert sweeping.claim("subscriptions", 0)
    assert settling.settle_due_subscriptions() == 1
    assert now(trial).status == Status.SUSPENDED
    # One that has come today is told for 30 days before it moves (S9).
    came_at = Now() - timedelta(days=settings.CUSTOMER_CARE_ANNOUNCEMENT_DAYS + 1)
    Customer.objects.filter(pk=world.customer.pk).update(created_at=came_at)
    assert sum(migration.moves()) >= 1
    assert list(migration.migrate_due_customers()) == []
    job = upload(world.admin.user, world.customer, f"name,email\nNina New,nina@{world.customer.primary_domain}\n")
    assert run(world.admin.user, job).status == JobStatus.DONE
    call_command("reconcile_access", "--apply")
    assert set(sessions().values()) == {("8s", "2s", "10s")}, "nothing has changed a session for those who come after"


def test_R8_remove_now_ends_what_is_in_its_way(world: World, direct: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeing, "PATIENCE", 0.2)
    admin, agent = signed_in(world.admin.user), signed_in(world.agent)
    console, page = (
        reverse(name, kwargs={"domain": world.customer.primary_domain})
        for name in ("console_home", "reseller_access_remove_now")
    )
    assert agent.get(console).status_code in {200, 302}
    with closing(psycopg2.connect(direct)) as frozen, frozen.cursor() as cursor:
        cursor.execute("SELECT FROM accounts_customer WHERE id = %s FOR NO KEY UPDATE", [world.customer.pk])
        assert admin.post(page, {"box": str(world.reseller.pk)}).status_code == 302
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT 1")
    assert agent.get(console).status_code == 403


def test_a_list_is_read_in_pieces_while_other_transactions_run() -> None:
    customers = [make_customer(f"Customer {n}", f"c{n}.example") for n in range(5)]
    rows = type(customers[0]).objects.filter(pk__in=[customer.pk for customer in customers]).exclude(name="gone")
    read = []
    for customer in in_pieces(rows, size=2):
        with transaction.atomic():
            read.append(customer.pk)
            rows.filter(pk=customers[3].pk).update(name="gone")
    assert read == [customer.pk for customer in customers if customer != customers[3]]
