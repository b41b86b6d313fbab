"""The two roles in PostgreSQL: the owner, who migrates, and the application, which can change no event (A2).

The scripts in `deploy/postgres/` make them, and say what the application may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

_GRANTS: Final = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "sql" / "grants.sql"

# Whatever the role of this connection is or may become (SET ROLE), and what each of those could do past the product.
_EXCESS: Final = """
    WITH events AS (
        SELECT oid, relowner, relnamespace FROM pg_class WHERE oid = to_regclass('accounts_auditevent')
    ),
    -- The log, the tables of its months, and its seals.
    logs AS (SELECT oid FROM events UNION SELECT relid FROM events CROSS JOIN pg_partition_tree(events.oid)
        UNION SELECT to_regclass(name) FROM unnest(ARRAY['accounts_seal', 'accounts_sealera']) name),
    role AS (SELECT * FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER'))
    SELECT DISTINCT reason FROM role LEFT JOIN events ON true CROSS JOIN LATERAL (VALUES
        ('it is a superuser', rolsuper),
        ('it may make roles', rolcreaterole),
        ('it may make databases', rolcreatedb),
        ('it may replicate', rolreplication),
        ('it may write files or run programs on the server',
            rolname IN ('pg_write_server_files', 'pg_execute_server_program')),
        ('it may make tables and functions', has_schema_privilege(role.oid, relnamespace, 'CREATE')
            OR has_database_privilege(role.oid, current_database(), 'CREATE')),
        ('it may turn triggers off', has_parameter_privilege(role.oid, 'session_replication_role', 'SET')),
        ('it owns tables or functions',
            EXISTS (SELECT FROM pg_class WHERE relowner = role.oid AND relnamespace = events.relnamespace)
            OR EXISTS (SELECT FROM pg_proc WHERE proowner = role.oid AND pronamespace = events.relnamespace)),
        ('it may change or delete events',
            EXISTS (SELECT FROM logs WHERE has_table_privilege(role.oid, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
                OR has_any_column_privilege(role.oid, oid, 'UPDATE')))
    ) judged(reason, holds) WHERE holds ORDER BY reason
"""


def excess_rights() -> list[str]:
    """Return what the role of this connection may do that no web server, worker or scheduler needs."""
    with connection.cursor() as cursor:
        cursor.execute(_EXCESS)
        return [reason for (reason,) in cursor.fetchall()]


@contextmanager
def as_owner() -> Iterator[str | None]:
    """Let Django's connection be the owner's for the block; gives the name of the application's role.

    Where no DATABASE_OWNER_URL names an owner, the connection stays what it is and there is no other role.
    """
    if not settings.DATABASE_OWNER:
        yield None
        return
    values = connection.settings_dict
    application = {name: values[name] for name in settings.DATABASE_OWNER}
    connection.close()
    values.update(settings.DATABASE_OWNER)
    try:
        yield application["USER"]
    finally:
        connection.close()
        values.update(application)


def grant_to(application: str) -> None:
    """Give the application's role what it needs of each table, as the owner; repeating it changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('console.application', %s, false)", [application])
        cursor.execute(_GRANTS.read_text())
