"""What a transactional test leaves behind is gone before the next one (tests/flush.py)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from accounts.models import AuditEvent, User
from subscriptions.models import Product, Sku
from tests import servers
from tests.access.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def number_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_a_flush_leaves_what_the_migrations_left() -> None:
    migrated = set(Sku.objects.values_list("pk", "name")), set(Permission.objects.values_list("pk", "codename"))
    make_world()
    Product.objects.create(id="Our-Own", name="Ours")
    Sku.objects.update(name="Renamed")
    Permission.objects.all().delete()
    assert AuditEvent.objects.exists() and User.objects.exists()
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True, reset_sequences=False)
    assert not AuditEvent.objects.exists() and not User.objects.exists()
    assert not Product.objects.filter(pk="Our-Own").exists()
    assert migrated == (
        set(Sku.objects.values_list("pk", "name")),
        set(Permission.objects.values_list("pk", "codename")),
    )
    # The triggers are back: an event cannot be deleted.
    make_world()
    with pytest.raises(Exception, match="append only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_auditevent")


def test_tables_of_a_later_release_are_emptied_with_ours() -> None:
    world = make_world()
    with servers.connected_as(servers.ADMINISTRATOR), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id int PRIMARY KEY, person bigint REFERENCES accounts_user)")
        cursor.execute("CREATE TABLE later_still (later int REFERENCES later)")
        cursor.execute("INSERT INTO later VALUES (1, %s)", [world.agent.pk])
        cursor.execute("INSERT INTO later_still VALUES (1)")
    try:
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True, reset_sequences=False)
        with servers.connected_as(servers.ADMINISTRATOR):
            assert (number_of("later"), number_of("later_still")) == (0, 0)
    finally:
        with servers.connected_as(servers.ADMINISTRATOR), connection.cursor() as cursor:
            cursor.execute("DROP TABLE later_still, later")


def test_what_is_counted_of_attempts_begins_anew() -> None:
    cache.set("attempts", 30, 60)
    assert cache.get("attempts") == 30
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True, reset_sequences=False)
    assert cache.get("attempts") is None
