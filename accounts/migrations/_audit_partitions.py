"""The audit log as a table partitioned by month, and as the plain table it was: for 0027. No migration itself."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.transaction import atomic

from accounts.migrations._indexes import is_built, waiting_for_all_at_work

# By their names: the columns of each index, and the rows that it leaves out.
INDEXES = {
    "events_of_customer": ("customer_id, at, id", "customer_id IS NOT NULL"),
    "events_of_customer_named": ("customer_id, name, at, id", "customer_id IS NOT NULL"),
    "events_of_customer_by_subject": ("customer_id, subject, at, id", "customer_id IS NOT NULL"),
    "events_of_customer_by_actor": ("customer_id, actor_email, at, id", "customer_id IS NOT NULL"),
    "events_of_customer_by_ip": (
        "customer_id, ip_address, at, id",
        "customer_id IS NOT NULL AND ip_address IS NOT NULL",
    ),
    "events_of_customer_by_reseller": (
        "customer_id, actor_reseller_id, at, id",
        "actor_reseller_id IS NOT NULL AND customer_id IS NOT NULL",
    ),
    "events_from_outside": (
        "customer_id, at, id",
        "actor_kind IN ('reseller', 'partner', 'vendor') AND customer_id IS NOT NULL",
    ),
    "events_of_object": ("target_kind, target_id, customer_id, at, id", "target_id IS NOT NULL"),
    "events_of_visit": ("console_session_id, at, id", "console_session_id IS NOT NULL"),
    "events_of_activation": ("activation_id, at, id", "activation_id IS NOT NULL"),
    "events_of_reseller": ("actor_reseller_id, at, id", "actor_reseller_id IS NOT NULL"),
    "events_of_reseller_named": ("actor_reseller_id, name, at, id", "actor_reseller_id IS NOT NULL"),
    "events_of_agent": ("actor_id, at, id", "actor_reseller_id IS NOT NULL"),
    "events_of_access_change": ("access_change_id", "access_change_id IS NOT NULL"),
}
EARLIER_INDEXES = {
    "trail_of_a_customer": ("customer_id, id", "customer_id IS NOT NULL"),
    "trail_of_a_reseller": ("actor_reseller_id, id", "actor_reseller_id IS NOT NULL"),
    "trail_of_an_agent": ("actor_id, id", "actor_reseller_id IS NOT NULL"),
}

# The owner's: the application may call it, and is refused by the first statement within. In one transaction, so that
# no partition is there without its trigger, or with rights that the application must not have.
PREPARE = """
CREATE FUNCTION prepare_audit_partitions(months_ahead int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    beyond timestamptz := (date_trunc('month', now() AT TIME ZONE 'UTC') + (months_ahead + 1) * interval '1 month')
        AT TIME ZONE 'UTC';
    begins timestamptz;
    ends timestamptz;
    name text;
    granted text;
    made int := 0;
BEGIN
    -- Two at once: the second finds what the first has made.
    PERFORM pg_advisory_xact_lock(7341926);
    -- They stand one behind the other, so the end of the last one is where the next one begins.
    SELECT max((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz) INTO begins
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'accounts_auditevent'::regclass;
    WHILE begins < beyond LOOP
        ends := (date_trunc('month', begins AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
        name := 'accounts_auditevent_' || to_char(begins AT TIME ZONE 'UTC', 'YYYY_MM');
        EXECUTE format('CREATE TABLE %I (LIKE accounts_auditevent INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        -- The default privileges of the owner give the application more than the log gives it.
        FOR granted IN
            SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
            FROM pg_class c CROSS JOIN aclexplode(c.relacl) a WHERE c.oid = name::regclass AND a.grantee <> c.relowner
        LOOP
            EXECUTE format('REVOKE ALL ON %I FROM %s', name, granted);
        END LOOP;
        -- Triggers for rows come with the partition; this one is of each table itself.
        EXECUTE format('CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON %I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()', name);
        -- What came before its month had a place. Nobody writes there until this transaction ends; elsewhere they do.
        LOCK TABLE accounts_auditevent_default IN ACCESS EXCLUSIVE MODE;
        IF EXISTS (SELECT FROM accounts_auditevent_default WHERE at >= begins AND at < ends) THEN
            ALTER TABLE accounts_auditevent_default DISABLE TRIGGER audit_event_no_update_delete;
            EXECUTE format('WITH moved AS (DELETE FROM accounts_auditevent_default WHERE at >= $1 AND at < $2'
                ' RETURNING *) INSERT INTO %I SELECT * FROM moved', name) USING begins, ends;
            ALTER TABLE accounts_auditevent_default ENABLE TRIGGER audit_event_no_update_delete;
        END IF;
        EXECUTE format('ALTER TABLE accounts_auditevent ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            name, begins, ends);
        made := made + 1;
        begins := ends;
    END LOOP;
    RETURN made;
END
$$;
"""

# One event by its number, which may stand in any partition: planned once for each connection, and not for each page.
EVENT = """
CREATE FUNCTION audit_event(number bigint) RETURNS SETOF accounts_auditevent LANGUAGE plpgsql STABLE
    SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY SELECT e.* FROM accounts_auditevent e WHERE e.id = number;
END
$$;
"""

# The end of what the table of before keeps: a month that begins in a week at the earliest, so that it lies ahead when
# the table has been read through.
_END_OF_BEFORE = """
    SELECT (date_trunc('month', greatest(now() + interval '7 days', max(at)) AT TIME ZONE 'UTC') + interval '1 month')
        AT TIME ZONE 'UTC'
    FROM accounts_auditevent
"""
_TRUNCATE_TRIGGER = """
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON {}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
"""
_ROW_TRIGGER = """
CREATE TRIGGER audit_event_no_update_delete BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();
"""
_ONCE = """
CREATE FUNCTION access_change_has_each_event_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given int;
    noted int;
BEGIN
    SELECT count(*) INTO given FROM written WHERE access_change_id IS NOT NULL;
    IF given > 0 THEN
        INSERT INTO accounts_eventofchange (access_change_id, name)
        SELECT access_change_id, name FROM written WHERE access_change_id IS NOT NULL ORDER BY access_change_id, name
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS noted = ROW_COUNT;
        -- What stands there of an event that was lost by hand hinders nobody from writing it again (reconcile_access).
        IF noted < given AND EXISTS (
            SELECT FROM written w JOIN accounts_auditevent e
                ON e.access_change_id = w.access_change_id AND e.name = w.name AND e.id <> w.id
        ) THEN
            RAISE 'an access change has each of its events once' USING
                ERRCODE = 'unique_violation', CONSTRAINT = 'change_has_each_event_once';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_event_of_change_once AFTER INSERT ON accounts_auditevent REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION access_change_has_each_event_once();
"""
_COPY_CHANGES = """
    INSERT INTO accounts_eventofchange (access_change_id, name)
    SELECT access_change_id, name FROM accounts_auditevent WHERE access_change_id IS NOT NULL AND id > %s
    ON CONFLICT DO NOTHING
"""
_SWAP = """
LOCK TABLE accounts_auditevent IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER audit_event_no_update_delete ON accounts_auditevent;
DROP TRIGGER audit_event_no_truncate ON accounts_auditevent;
ALTER TABLE accounts_auditevent RENAME TO accounts_auditevent_before;
ALTER TABLE accounts_auditevent_before ALTER id DROP IDENTITY;
ALTER TABLE accounts_auditevent_before DROP CONSTRAINT accounts_auditevent_pkey, DROP CONSTRAINT event_name_is_known;
ALTER TABLE accounts_auditevent_before ADD CONSTRAINT accounts_auditevent_before_pkey
    PRIMARY KEY USING INDEX accounts_auditevent_before_pkey;
DROP INDEX access_change_has_each_event_once;
CREATE TABLE accounts_auditevent (LIKE accounts_auditevent_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (at);
ALTER TABLE accounts_auditevent DROP CONSTRAINT event_is_of_before;
ALTER TABLE accounts_auditevent
    ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME accounts_auditevent_id_seq);
ALTER TABLE accounts_auditevent ATTACH PARTITION accounts_auditevent_before FOR VALUES FROM (MINVALUE) TO ({end});
ALTER TABLE accounts_auditevent_before DROP CONSTRAINT event_is_of_before;
CREATE TABLE accounts_auditevent_default PARTITION OF accounts_auditevent DEFAULT;
ALTER TABLE accounts_auditevent ADD CONSTRAINT accounts_auditevent_pkey PRIMARY KEY (id, at);
{names};
"""
_PLAIN = """
LOCK TABLE accounts_auditevent IN ACCESS EXCLUSIVE MODE;
CREATE TABLE accounts_auditevent_plain (LIKE accounts_auditevent INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE accounts_auditevent_plain DROP CONSTRAINT event_target_is_whole, DROP CONSTRAINT event_name_is_known;
ALTER TABLE accounts_auditevent_plain DROP COLUMN target_kind, DROP COLUMN target_id;
INSERT INTO accounts_auditevent_plain ({columns}) SELECT {columns} FROM accounts_auditevent;
DROP FUNCTION audit_event(bigint);
DROP TABLE accounts_auditevent;
DROP TABLE accounts_eventofchange;
DROP FUNCTION access_change_has_each_event_once();
DROP FUNCTION prepare_audit_partitions(int);
ALTER TABLE accounts_auditevent_plain RENAME TO accounts_auditevent;
ALTER TABLE accounts_auditevent ADD CONSTRAINT accounts_auditevent_pkey PRIMARY KEY (id);
{names};
ALTER TABLE accounts_auditevent
    ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME accounts_auditevent_id_seq);
CREATE UNIQUE INDEX access_change_has_each_event_once ON accounts_auditevent (access_change_id, name)
    WHERE access_change_id IS NOT NULL;
"""


def partition(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the table the first partition of a partitioned one, with its rows where they are.

    All that takes time on a large table (two readings, fourteen indexes) is done beside people at work. The exchange
    reads what was written meanwhile, and holds everybody up for little more than it takes to rename a table. Each step
    may be repeated: where one fails, the next `migrate` begins again; also where it failed between the exchange and
    noting that this is done.
    """
    with editor.connection.cursor() as cursor:
        if _is_partitioned(cursor):
            return
        end = _prepare_before(cursor)
        with waiting_for_all_at_work(cursor):
            _build_indexes(cursor)
        copied = _copy_changes(cursor)
    with atomic(editor.connection.alias), editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_auditevent IN ACCESS EXCLUSIVE MODE")
        cursor.execute(_COPY_CHANGES, [copied])
        last = _last_number(cursor)
        cursor.execute(_SWAP.format(end=f"'{end.isoformat()}'", names=_names(apps, editor)))
        _continue_numbers(cursor, last)
        for name, (columns, condition) in INDEXES.items():
            # The table of before has its own already: PostgreSQL takes that.
            cursor.execute(f"CREATE INDEX {name} ON accounts_auditevent ({columns}) WHERE {condition}")
        for name in EARLIER_INDEXES:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(_ROW_TRIGGER)
        for table in ("accounts_auditevent", "accounts_auditevent_before", "accounts_auditevent_default"):
            cursor.execute(_TRUNCATE_TRIGGER.format(table))
        cursor.execute(_ONCE)
        cursor.execute(PREPARE)
        cursor.execute(EVENT)
        cursor.execute("SELECT prepare_audit_partitions(12)")


def make_plain(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Put all rows into one table again, which takes as long as copying them does; it may be repeated."""
    with atomic(editor.connection.alias), editor.connection.cursor() as cursor:
        if not _is_partitioned(cursor):
            return
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = 'accounts_auditevent'::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname NOT IN ('target_kind', 'target_id')"
        )
        [columns] = cursor.fetchone()
        last = _last_number(cursor)
        cursor.execute(_PLAIN.format(columns=columns, names=_names(apps, editor)))
        _continue_numbers(cursor, last)
        for name, (indexed, condition) in EARLIER_INDEXES.items():
            cursor.execute(f"CREATE INDEX {name} ON accounts_auditevent ({indexed}) WHERE {condition}")
        cursor.execute(_ROW_TRIGGER)
        cursor.execute(_TRUNCATE_TRIGGER.format("accounts_auditevent"))


def _prepare_before(cursor: Any) -> Any:
    cursor.execute(_END_OF_BEFORE)
    [end] = cursor.fetchone()
    cursor.execute(
        "ALTER TABLE accounts_auditevent ADD COLUMN IF NOT EXISTS target_kind varchar(12),"
        " ADD COLUMN IF NOT EXISTS target_id bigint, DROP CONSTRAINT IF EXISTS event_target_is_whole,"
        " DROP CONSTRAINT IF EXISTS event_is_of_before"
    )
    cursor.execute(
        "ALTER TABLE accounts_auditevent ADD CONSTRAINT event_target_is_whole CHECK ((target_id IS NULL AND target_kind"
        " IS NULL) OR (target_id IS NOT NULL AND target_kind IS NOT NULL)) NOT VALID,"
        " ADD CONSTRAINT event_is_of_before CHECK (at < %s) NOT VALID",
        [end],
    )
    cursor.execute("ALTER TABLE accounts_auditevent VALIDATE CONSTRAINT event_target_is_whole")
    cursor.execute("ALTER TABLE accounts_auditevent VALIDATE CONSTRAINT event_is_of_before")
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS accounts_eventofchange"
        " (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, access_change_id bigint NOT NULL,"
        " name varchar(40) NOT NULL, CONSTRAINT change_has_each_event_once UNIQUE (access_change_id, name))"
    )
    return end


def _is_partitioned(cursor: Any) -> bool:
    cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = 'accounts_auditevent'::regclass")
    [found] = cursor.fetchone()
    return bool(found)


def _copy_changes(cursor: Any) -> int:
    """Note the events of access changes beside people at work; return up to which number all of them are there.

    A number is drawn before its event is committed, but behind the lock of its INSERT: when all of those are over for
    an instant, what has a number up to now is there to be read.
    """
    with atomic():
        cursor.execute("LOCK TABLE accounts_auditevent IN SHARE MODE")
        last, is_called = _last_number(cursor)
    cursor.execute(_COPY_CHANGES, [0])
    return last if is_called else 0


def _build_indexes(cursor: Any) -> None:
    """Build them beside people at work. One that was left half-built is built again."""
    wanted = {f"{name}_before": f"({columns}) WHERE {condition}" for name, (columns, condition) in INDEXES.items()}
    for name, definition in {**wanted, "accounts_auditevent_before_pkey": "(id, at)"}.items():
        if is_built(cursor, name):
            continue
        unique = "UNIQUE " if name.endswith("pkey") else ""
        cursor.execute(f"CREATE {unique}INDEX CONCURRENTLY {name} ON accounts_auditevent {definition}")


def _names(apps: Any, editor: BaseDatabaseSchemaEditor) -> str:
    """Return what says which names events have, for those to come: a later release may have written others (A2)."""
    model = apps.get_model("accounts", "AuditEvent")
    [names] = [found for found in model._meta.constraints if found.name == "event_name_is_known"]
    return f"{names.create_sql(model, editor)} NOT VALID"


def _last_number(cursor: Any) -> tuple[int, bool]:
    cursor.execute("SELECT last_value, is_called FROM accounts_auditevent_id_seq")
    [last] = cursor.fetchall()
    return int(last[0]), bool(last[1])


def _continue_numbers(cursor: Any, last: tuple[int, bool]) -> None:
    cursor.execute("SELECT setval('accounts_auditevent_id_seq', %s, %s)", last)
