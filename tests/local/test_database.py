"""What a transactional test leaves behind: nothing, and what the migrations wrote is there again."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction


def rows_by_table() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


@pytest.mark.django_db(transaction=True)
def test_flush_brings_back_exactly_what_the_migrations_wrote() -> None:
    migrated = rows_by_table()
    assert migrated["django_content_type"] > 0
    assert migrated["accounts_auditevent"] == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM auth_permission WHERE id = (SELECT min(id) FROM auth_permission)")
    ContentType.objects.create(app_label="left", model="behind")
    assert rows_by_table() != migrated

    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)

    assert rows_by_table() == migrated
    assert ContentType.objects.create(app_label="next", model="one").pk not in (None, 1)


@pytest.mark.django_db(transaction=True)
def test_A2_the_trail_still_refuses_truncate_after_a_flush() -> None:
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)

    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("TRUNCATE accounts_auditevent")
