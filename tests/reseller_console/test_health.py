from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.background import heartbeats, sweeping
from accounts.models import Heartbeat, Sweep
from reseller_console.health import PROBES
from reseller_console.heart import PULSE_COUNTS
from reseller_console.local.postgres import Postgres
from tests import servers
from tests.access import world
from tests.factories import put_customer, put_reseller


@pytest.fixture
def all_at_work(db: None) -> None:
    """The scheduler and a worker of every queue have just said that they work."""
    heartbeats.beat([*settings.SWEEPS, heartbeats.SCHEDULER])


pytestmark = pytest.mark.usefixtures("application_role")

# Nobody listens on port 1.
BROKER_AWAY = "redis://:sesame@127.0.0.1:1/0"


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()


def test_liveness_asks_neither_the_database_nor_the_session(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, db: None
) -> None:
    client.cookies["sessionid"] = "somebody-s-session"
    with django_assert_num_queries(0):
        answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})
    assert not answer.cookies


@pytest.mark.usefixtures("all_at_work")
def test_readiness_is_200_when_everything_is_there(client: Client) -> None:
    assert sweeping.claim("jobs", settings.JOB_SWEEP_INTERVAL)
    Sweep.objects.update(ended_at=F("began_at") - timedelta(minutes=1))
    status, said = ready(client)
    assert status == 200
    beats, sweeps = said.pop("heartbeat_seconds"), said.pop("sweep_seconds")
    assert beats.keys() == {*settings.SWEEPS, "scheduler"}
    assert all(0 <= age < heartbeats.OLDEST for age in beats.values())
    assert 60 <= sweeps.pop("jobs") < 90
    assert sweeps == {name: None for name in settings.SWEEPS if name != "jobs"}
    assert abs(said.pop("clock_seconds")) < 2
    assert said.pop("audit_log_days") >= 365
    # Nobody seals beside the tests (tests/seals): it fails nothing.
    assert (said.pop("seals"), said.pop("seals_since")) == ("no_sealer", None)
    assert said == {
        "ready": True,
        "failing": [],
        "database": "ok",
        "migrations": "ok",
        "role": "ok",
        "limits": "ok",
        "broker": "ok",
        "workers": "ok",
        "scheduler": "ok",
        "clock": "ok",
        "audit_log": "ok",
        "overdue_seconds": 0.0,
    }


@pytest.mark.usefixtures("all_at_work")
@pytest.mark.parametrize(("gone", "part"), [("scheduler", "scheduler"), ("mail", "workers"), ("access", "workers")])
@pytest.mark.parametrize("how", ["too long ago", "never", "in a future that was the present"])
def test_R8_whoever_is_not_heard_of_is_named(client: Client, gone: str, part: str, how: str) -> None:
    row = Heartbeat.objects.filter(name=gone)
    if how == "never":
        row.delete()
    else:
        hours = 1 if how == "too long ago" else -1
        row.update(beat_at=F("beat_at") - timedelta(hours=hours))
    status, said = ready(client)
    assert (status, said["failing"], said[part]) == (503, [part], "away")


@pytest.mark.usefixtures("all_at_work")
def test_a_heartbeat_may_be_half_a_minute_old_and_no_more(client: Client) -> None:
    """With ten seconds between two beats, readiness fails within a minute of a standstill."""
    assert heartbeats.INTERVAL * 2 < heartbeats.OLDEST
    assert heartbeats.OLDEST + heartbeats.INTERVAL + PULSE_COUNTS <= 60
    Heartbeat.objects.update(beat_at=F("beat_at") - timedelta(seconds=heartbeats.OLDEST - 5))
    assert ready(client)[0] == 200
    Heartbeat.objects.update(beat_at=F("beat_at") - timedelta(seconds=6))
    assert ready(client)[0] == 503


@pytest.mark.usefixtures("all_at_work")
def test_the_probe_of_a_container_asks_for_one_heartbeat() -> None:
    call_command("check_heartbeat", "scheduler")
    Heartbeat.objects.filter(name="scheduler").update(beat_at=F("beat_at") - timedelta(minutes=1))
    call_command("check_heartbeat", "mail")
    with pytest.raises(CommandError, match="scheduler: last heard of 6"):
        call_command("check_heartbeat", "scheduler")


@pytest.mark.usefixtures("all_at_work")
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_answer_by_address_over_plain_http_without_redirect_or_cookie(path: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client(headers={"host": "10.1.2.3:8000"}).get(path)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post(path).status_code == 405


def test_probes_are_where_the_routes_say() -> None:
    assert set(PROBES) == {reverse("health_live"), reverse("health_ready"), reverse("metrics")}


@pytest.mark.usefixtures("all_at_work")
def test_a_broker_that_is_away_is_named_without_its_password(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = BROKER_AWAY
    status, said = ready(client)
    assert (status, said["failing"], said["broker"], said["database"]) == (503, ["broker"], "away", "ok")
    assert "sesame" not in str(said) + caplog.text


@pytest.mark.usefixtures("all_at_work")
def test_R8_workers_are_late_when_a_due_change_waits_longer_than_the_alert(client: Client, settings: Settings) -> None:
    settings.ACCESS_OVERDUE_ALERT = 60
    settings.RESELLER_ACCESS_DEFAULT = True
    customer, reseller = put_customer(), put_reseller()
    world.sell(customer, reseller)
    world.pass_time(50)
    assert ready(client)[0] == 200
    world.pass_time(30)
    status, said = ready(client)
    assert (status, said["failing"], said["workers"]) == (503, ["workers"], "late")
    assert 80 <= said["overdue_seconds"] < 90
    world.propagate()
    assert ready(client)[0] == 200


@contextmanager
def noted(note: str, app: str, name: str) -> Iterator[None]:
    """Note in django_migrations, as its owner may and we may not, and take it back."""
    statements = {
        "applied": "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())",
        "not applied": "DELETE FROM django_migrations WHERE app = %s AND name = %s",
    }
    undo = {"applied": "not applied", "not applied": "applied"}[note]
    with closing(psycopg2.connect(servers.database_url(servers.ADMINISTRATOR))) as session, session.cursor() as cursor:
        session.autocommit = True
        cursor.execute(statements[note], [app, name])
        try:
            yield
        finally:
            cursor.execute(statements[undo], [app, name])


@pytest.mark.django_db
def test_a_pending_migration_is_named(client: Client) -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("subscriptions")
    with noted("not applied", *newest):
        status, said = ready(client)
    assert (status, said["failing"], said["migrations"]) == (503, ["migrations"], "pending")


@pytest.mark.usefixtures("all_at_work")
def test_code_on_the_schema_of_a_newer_release_says_so_and_goes_on(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with noted("applied", "subscriptions", "9999_of_the_next_release"):
        status, said = ready(client)
    assert (status, said["failing"], said["migrations"]) == (200, [], "newer")
    assert "subscriptions.9999_of_the_next_release" in caplog.text


@pytest.mark.usefixtures("all_at_work")
def test_migrations_of_an_app_that_was_taken_out_make_no_schema_newer(client: Client) -> None:
    with noted("applied", "an_app_of_before", "0001_initial"):
        assert ready(client)[1]["migrations"] == "ok"


def test_a_database_that_is_away_is_named_while_the_process_lives(private_postgres: Postgres, client: Client) -> None:
    heartbeats.beat([*settings.SWEEPS, heartbeats.SCHEDULER])
    assert ready(client)[0] == 200
    private_postgres.stop()
    status, said = ready(client)
    assert (status, said["failing"]) == (503, ["database"])
    assert (said["database"], said["migrations"], said["overdue_seconds"]) == ("away", "unknown", None)
    assert (said["scheduler"], said["clock"], said["sweep_seconds"]) == ("unknown", "unknown", None)
    assert client.get("/health/live").status_code == 200
    private_postgres.start()
    assert ready(client)[0] == 200
