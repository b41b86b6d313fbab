from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from reseller_console.health import PROBES
from reseller_console.local.postgres import Postgres
from tests.access import world

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


@pytest.mark.django_db
def test_readiness_is_200_when_everything_is_there(client: Client) -> None:
    status, said = ready(client)
    assert status == 200
    assert said == {
        "ready": True,
        "failing": [],
        "database": "ok",
        "migrations": "ok",
        "limits": "ok",
        "broker": "ok",
        "workers": "ok",
        "overdue_seconds": 0.0,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_answer_by_address_over_plain_http_without_redirect_or_cookie(path: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client(headers={"host": "10.1.2.3:8000"}).get(path)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post(path).status_code == 405


def test_probes_are_where_the_routes_say() -> None:
    assert set(PROBES) == {reverse("health_live"), reverse("health_ready")}


@pytest.mark.django_db
def test_a_broker_that_is_away_is_named_without_its_password(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = BROKER_AWAY
    status, said = ready(client)
    assert (status, said["failing"], said["broker"], said["database"]) == (503, ["broker"], "away", "ok")
    assert "sesame" not in str(said) + caplog.text


@pytest.mark.django_db
def test_R8_workers_are_late_when_a_due_change_waits_longer_than_the_alert(client: Client, settings: Settings) -> None:
    settings.ACCESS_OVERDUE_ALERT = 60
    settings.RESELLER_ACCESS_DEFAULT = True
    customer, reseller = world.make_customer(), world.make_reseller()
    world.sell(customer, reseller)
    world.pass_time(50)
    assert ready(client)[0] == 200
    world.pass_time(30)
    status, said = ready(client)
    assert (status, said["failing"], said["workers"]) == (503, ["workers"], "late")
    assert 80 <= said["overdue_seconds"] < 90
    world.propagate()
    assert ready(client)[0] == 200


@pytest.mark.django_db
def test_a_pending_migration_is_named(client: Client) -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("subscriptions")
    MigrationRecorder(connection).record_unapplied(*newest)
    status, said = ready(client)
    assert (status, said["failing"], said["migrations"]) == (503, ["migrations"], "pending")


def test_a_database_that_is_away_is_named_while_the_process_lives(private_postgres: Postgres, client: Client) -> None:
    assert ready(client)[0] == 200
    private_postgres.stop()
    status, said = ready(client)
    assert (status, said["failing"]) == (503, ["database"])
    assert (said["database"], said["migrations"], said["overdue_seconds"]) == ("away", "unknown", None)
    assert client.get("/health/live").status_code == 200
    private_postgres.start()
    assert ready(client)[0] == 200
