-- What the application and the sealer may do with each table of the owner, who runs this: at the end of every
-- `migrate`, and from roles.sql. The setting console.application names the application's role.
DO $$
DECLARE
    application text := current_setting('console.application');
    -- None before roles.sh of this release has been run: then nothing is sealed until it has.
    sealer text := (SELECT rolname FROM pg_roles WHERE rolname = 'console_sealer');
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name,
            CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            CASE
                -- UPDATE: after a restore numbers go on above those that were given.
                WHEN c.relkind = 'S' THEN 'USAGE, SELECT, UPDATE'
                -- A2: an event is written once, and through the log itself only: a month of it (a partition) is of the
                -- owner alone.
                WHEN c.relispartition THEN NULL
                -- A5: which transaction wrote an event is the database's word, so that column is not to be written.
                WHEN c.relname = 'accounts_auditevent' THEN (
                    SELECT format('SELECT, INSERT (%s)', string_agg(quote_ident(attname), ', '))
                    FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                        AND attname <> 'transaction')
                WHEN c.relname = 'accounts_eventofchange' THEN 'SELECT, INSERT'
                -- A5: the sealer seals. An era begins, and months are dropped, by the owner alone.
                WHEN c.relname IN ('accounts_seal', 'accounts_sealkey', 'accounts_sealing', 'accounts_sealera',
                    'accounts_droppedmonths') THEN 'SELECT'
                -- R23: what was opened stays; the same page again counts up.
                WHEN c.relname = 'accounts_openedpage' THEN 'SELECT, INSERT, UPDATE (times, rows, last_at)'
                -- R22: what was decided stays; a trigger keeps its result.
                WHEN c.relname IN ('subscriptions_review', 'subscriptions_reviewline') THEN 'SELECT, INSERT, UPDATE'
                WHEN c.relname = 'django_migrations' THEN 'SELECT'
                ELSE 'SELECT, INSERT, UPDATE, DELETE'
            END AS rights,
            CASE
                WHEN c.relname IN ('accounts_auditevent', 'accounts_sealera', 'accounts_droppedmonths') THEN 'SELECT'
                -- A5: what was sealed stays; what the sealer says of itself is one row.
                WHEN c.relname IN ('accounts_seal', 'accounts_sealkey') THEN 'SELECT, INSERT'
                WHEN c.relname = 'accounts_sealing' THEN 'SELECT, INSERT, UPDATE'
            END AS of_sealer
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
            AND c.relowner = current_user::regrole
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM PUBLIC, %I', relation.kind, relation.name, application);
        IF relation.rights IS NOT NULL THEN
            EXECUTE format('GRANT %s ON %s %s TO %I', relation.rights, relation.kind, relation.name, application);
        END IF;
        IF sealer IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %s %s FROM %I', relation.kind, relation.name, sealer);
        END IF;
        IF sealer IS NOT NULL AND relation.of_sealer IS NOT NULL THEN
            EXECUTE format('GRANT %s ON %s %s TO %I', relation.of_sealer, relation.kind, relation.name, sealer);
        END IF;
    END LOOP;
END;
$$;
