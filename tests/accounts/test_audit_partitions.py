"""The tables of the audit log: each month its own, the rest in DEFAULT, and nothing of it ever changed (A1, A2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from accounts.background import heartbeats
from accounts.database.partitions import MONTHS_AHEAD, WARN_BELOW, days_ahead, prepare_partitions
from accounts.database.roles import excess_rights
from accounts.models import AuditEvent, EventOfChange
from reseller_console.local.postgres import APPLICATION, OWNER
from tests import servers
from tests.web.trail_world import write

EVENTS = "accounts_auditevent"


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def partitions() -> list[str]:
    """The tables of the months, in their order."""
    rows = ask(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'accounts_auditevent'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY 1"
    )
    return [name for (name,) in rows]


def place_of(event: AuditEvent) -> str:
    """The table that an event stands in."""
    [(table,)] = ask(f"SELECT tableoid::regclass::text FROM {EVENTS} WHERE id = %s", event.pk)
    return str(table)


def written(at: datetime, **values: Any) -> AuditEvent:
    """An event of a moment that no clock of ours gives."""
    return AuditEvent.objects.create(
        at=at, name="CREATE_USER", actor_kind="system", subject="ana@acme.example", **values
    )


def in_months(number: int) -> datetime:
    """The middle of a month."""
    now = datetime.now(UTC)
    months = now.year * 12 + now.month - 1 + number
    return datetime(months // 12, months % 12 + 1, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_migrate_leaves_a_table_for_each_of_the_next_twelve_months() -> None:
    months = partitions()
    assert months[-1] == f"{EVENTS}_{in_months(MONTHS_AHEAD):%Y_%m}"
    years = [int(name[-7:-3]) * 12 + int(name[-2:]) for name in months]
    assert years == list(range(years[0], years[0] + len(years))), "none is missing between"
    assert days_ahead() >= 365
    assert prepare_partitions() == 0, "and doing it again makes none"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("months", "table"),
    [(-400, "_before"), (-1, "_before"), (MONTHS_AHEAD, None), (MONTHS_AHEAD + 1, "_default"), (900, "_default")],
)
def test_A1_every_moment_has_a_place(months: int, table: str | None) -> None:
    """Also that of a clock which is years wrong: without a place for its event no change is made."""
    event = written(in_months(months))
    assert place_of(event) == EVENTS + (table or f"_{event.at:%Y_%m}")
    assert AuditEvent.objects.get(pk=event.pk).at == event.at


@pytest.mark.django_db
def test_what_waits_in_default_moves_to_its_month_when_that_is_prepared() -> None:
    events = [written(in_months(MONTHS_AHEAD + ahead)) for ahead in (1, 1, 2)]
    far = written(in_months(900))
    before = list(AuditEvent.objects.order_by("at", "id").values())
    ask("SET CONSTRAINTS ALL IMMEDIATE")
    assert prepare_partitions(MONTHS_AHEAD + 2) == 2
    assert [place_of(event) for event in events] == [f"{EVENTS}_{event.at:%Y_%m}" for event in events]
    assert place_of(far) == f"{EVENTS}_default"
    assert list(AuditEvent.objects.order_by("at", "id").values()) == before, "each as it was, once"
    for table in (place_of(events[0]), place_of(far)):
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
            ask(f"DELETE FROM {table}")


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET subject = ''", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("months", [0, 3, MONTHS_AHEAD + 1])
def test_A2_a_table_of_the_log_refuses_to_be_changed_by_its_own_name(statement: str, months: int) -> None:
    table = place_of(written(in_months(months)))
    ask("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
        ask(statement.format(table))


def all_tables() -> list[str]:
    return [name for (name,) in ask("SELECT relid::text FROM pg_partition_tree('accounts_auditevent') WHERE isleaf")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE {} SET subject = ''", "DELETE FROM {}", "TRUNCATE {}", "SELECT FROM {}"])
def test_A2_the_application_has_no_right_at_all_on_a_table_of_the_log(statement: str) -> None:
    tables = all_tables()
    assert len(tables) >= MONTHS_AHEAD
    with servers.connected_as(APPLICATION):
        for table in tables:
            with pytest.raises(DatabaseError, match=f"permission denied for table {table}"):
                ask(statement.format(table))


@pytest.mark.django_db(transaction=True)
def test_A2_a_new_month_gives_the_application_no_right() -> None:
    """Where the owner makes a table, default privileges give the application all rights on its rows."""
    with servers.connected_as(OWNER), transaction.atomic():
        assert prepare_partitions(MONTHS_AHEAD + 1) == 1
        [(rights,)] = ask("SELECT relacl::text FROM pg_class WHERE oid = %s::regclass", partitions()[-1])
        assert OWNER in rights
        assert APPLICATION not in rights
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_A2_a_right_on_one_month_is_named_as_too_much() -> None:
    table = partitions()[-1]
    with servers.connected_as(APPLICATION):
        assert excess_rights() == []
    ask(f"GRANT DELETE ON {table} TO {APPLICATION}")
    try:
        with servers.connected_as(APPLICATION):
            assert excess_rights() == ["it may change or delete events"]
    finally:
        ask(f"REVOKE DELETE ON {table} FROM {APPLICATION}")


@pytest.mark.django_db(transaction=True)
def test_the_application_cannot_prepare_months() -> None:
    with servers.connected_as(APPLICATION):
        with pytest.raises(DatabaseError, match="permission denied"):
            prepare_partitions(MONTHS_AHEAD + 1)
        assert prepare_partitions() == 0, "where none is missing it does nothing"


@pytest.mark.django_db
def test_an_access_change_has_each_event_once_also_in_another_month() -> None:
    written(in_months(0), access_change_id=7)
    with pytest.raises(IntegrityError, match="an access change has each of its events once"), transaction.atomic():
        written(in_months(5), access_change_id=7)
    written(in_months(5), access_change_id=8)
    assert set(EventOfChange.objects.values_list("access_change_id", "name")) >= {
        (7, "CREATE_USER"),
        (8, "CREATE_USER"),
    }


@pytest.mark.django_db
def test_an_event_of_now_stands_where_now_is() -> None:
    event = write(None, None, "ana@acme.example")
    event.refresh_from_db()
    assert abs(datetime.now(UTC) - event.at) < timedelta(minutes=5)
    assert place_of(event) in {f"{EVENTS}_before", f"{EVENTS}_{event.at:%Y_%m}"}


@pytest.mark.django_db
def test_the_command_says_what_it_made_and_how_far_it_reaches() -> None:
    output = StringIO()
    call_command("prepare_audit_partitions", stdout=output)
    assert output.getvalue().startswith("0 partitions made; the audit log has a place for each of the next ")


def forget_the_months_from(first: str) -> None:
    ask("SET CONSTRAINTS ALL IMMEDIATE")
    for table in partitions():
        if table > first:
            ask(f"ALTER TABLE {EVENTS} DETACH PARTITION {table}")


@pytest.mark.django_db
def test_a_probe_of_the_service_fails_when_less_than_sixty_days_lie_ahead() -> None:
    call_command("prepare_audit_partitions", "--check")
    forget_the_months_from(f"{EVENTS}_{in_months(0):%Y_%m}")
    with pytest.raises(CommandError, match="days only"):
        call_command("prepare_audit_partitions", "--check")


@pytest.mark.django_db
def test_health_warns_when_less_than_sixty_days_lie_ahead(client: Client) -> None:
    heartbeats.beat([heartbeats.SCHEDULER])
    assert client.get("/health/ready").json()["audit_log"] == "ok"
    forget_the_months_from(f"{EVENTS}_{in_months(0):%Y_%m}")
    said = client.get("/health/ready").json()
    assert said["audit_log"] == "warning"
    assert 0 <= said["audit_log_days"] < WARN_BELOW + 3
    assert "audit_log" not in said["failing"], "events still have a place"
