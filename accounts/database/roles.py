"""The three roles in PostgreSQL: the owner, who migrates; the application; and the sealer (A2, A5).

The application can change no event and write no seal; the sealer writes seals and nothing else. The scripts in
`deploy/postgres/` make them, and say what each may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

# The sealer's role, as roles.sql calls it; it belongs to the server, and no setting of `migrate` names it.
SEALER: Final = "console_sealer"
# A5: the tables of seals.
SEALS: Final = (
    "accounts_seal",
    "accounts_sealkey",
    "accounts_sealera",
    "accounts_sealing",
    "accounts_droppedmonths",
)
_GRANTS: Final = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "sql" / "grants.sql"

# What the sealer may read, and what of it it may write. `deploy/postgres/sql/grants.sql` gives it so.
_READ_BY_SEALER: Final = ["accounts_auditevent", *SEALS]
_WRITTEN_BY_SEALER: Final = {
    "accounts_seal": ["INSERT"],
    "accounts_sealkey": ["INSERT"],
    "accounts_sealing": ["INSERT", "UPDATE"],
}

# Whatever the role of this connection is or may become (SET ROLE), and what each of those could do past the product.
_EXCESS: Final = """
    WITH events AS (
        SELECT oid, relowner, relnamespace FROM pg_class WHERE oid = to_regclass('accounts_auditevent')
    ),
    -- The log, and the tables of its months.
    logs AS (SELECT oid FROM events UNION SELECT relid FROM events CROSS JOIN pg_partition_tree(events.oid)),
    seals AS (SELECT to_regclass(name) AS oid FROM unnest(%(seals)s) name),
    others AS (
        SELECT c.oid, c.relname FROM pg_class c JOIN events USING (relnamespace)
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ),
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
                OR has_any_column_privilege(role.oid, oid, 'UPDATE'))),
        {own}
    ) judged(reason, holds) WHERE holds ORDER BY reason
"""
_OF_APPLICATION: Final = """
        ('it may write seals',
            EXISTS (SELECT FROM seals WHERE has_table_privilege(role.oid, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
                OR has_any_column_privilege(role.oid, oid, 'INSERT, UPDATE')))
"""
_OF_SEALER: Final = """
        ('it may read more than the audit log and its seals',
            EXISTS (SELECT FROM others WHERE relname <> ALL (%(read)s)
                AND has_any_column_privilege(role.oid, oid, 'SELECT'))),
        ('it may write more than seals',
            EXISTS (SELECT FROM others CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) may
                WHERE (relname, may) NOT IN (SELECT * FROM unnest(%(tables)s, %(rights)s))
                AND (has_table_privilege(role.oid, oid, may)
                    OR may IN ('INSERT', 'UPDATE') AND has_any_column_privilege(role.oid, oid, may))))
"""


def excess_rights() -> list[str]:
    """Return what the role of this connection may do that no web server, worker or scheduler needs."""
    return _excess(_OF_APPLICATION)


def excess_rights_of_sealer() -> list[str]:
    """Return what the role of this connection may do that the sealing process does not need (A5)."""
    return _excess(_OF_SEALER)


def _excess(own: str) -> list[str]:
    written = [(table, right) for table, rights in _WRITTEN_BY_SEALER.items() for right in rights]
    asked = {
        "seals": list(SEALS),
        "read": _READ_BY_SEALER,
        "tables": [table for table, _right in written],
        "rights": [right for _table, right in written],
    }
    with connection.cursor() as cursor:
        cursor.execute(_EXCESS.format(own=own), asked)
        return [reason for (reason,) in cursor.fetchall()]


def sealer_is_there() -> bool:
    """Tell whether the server has the sealer's role: `roles.sh` makes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [SEALER])
        return bool(cursor.fetchone()[0])


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
    """Give the application's role and the sealer's what each needs of each table, as the owner.

    Repeating it changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('console.application', %s, false)", [application])
        cursor.execute(_GRANTS.read_text())
