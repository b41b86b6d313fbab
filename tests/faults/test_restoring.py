"""What closes access after a restore is killed in the middle: it has closed nothing, and is run again (R8)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from django.db import OperationalError, connection

from accounts.models import AuditEvent
from reseller_console.local import places
from subscriptions.access import reconcile
from subscriptions.models import AccessChange, Restore
from tests.access.world import make_world, may_enter, sell
from tests.factories import put_reseller
from tests.faults.crowd import eventually
from tests.servers import ADMINISTRATOR, connected_as, database_url, environment, manage

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
COMMAND = ("reconcile_access", "--restored-from", "2026-01-01T00:00:00Z")


@pytest.fixture
def stops_at_the_mails() -> Iterator[None]:
    """An update of mails, which comes after access is closed, does not end."""
    with connected_as(ADMINISTRATOR), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN PERFORM pg_sleep(600); RETURN NULL; END'"
        )
        cursor.execute("CREATE TRIGGER stop BEFORE UPDATE ON accounts_mail EXECUTE FUNCTION stop_here()")
    yield
    with connected_as(ADMINISTRATOR), connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS stop_here() CASCADE")


def sleeping() -> list[int]:
    with closing(psycopg2.connect(database_url(ADMINISTRATOR))) as session, session.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
        return [pid for (pid,) in cursor.fetchall()]


def test_R8_killed_in_the_middle_it_has_closed_nothing_and_is_run_again(stops_at_the_mails: None) -> None:
    world = make_world()
    before = AuditEvent.objects.count(), AccessChange.objects.count()
    command = [sys.executable, str(places.CHECKOUT / "manage.py"), *COMMAND]
    running = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
    eventually(lambda: bool(sleeping()))
    with pytest.raises(OperationalError, match="lock timeout"):
        sell(world.customer, put_reseller())  # its switch begins open: it would be passed by
    running.kill()
    running.wait()
    with connected_as(ADMINISTRATOR), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 10000) FROM unnest(%s) pid", [sleeping()])
        cursor.execute("DROP FUNCTION stop_here() CASCADE")
    assert (AuditEvent.objects.count(), AccessChange.objects.count()) == before
    assert may_enter(world.agent, world.customer) and not Restore.objects.exists()

    assert manage(*COMMAND).returncode == 0
    assert not may_enter(world.agent, world.customer)
    assert reconcile.check() == []
