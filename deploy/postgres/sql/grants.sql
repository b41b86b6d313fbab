-- What the application may do with each table of the owner, who runs this: at the end of every `migrate`, and from
-- roles.sql. The setting console.application names the application's role.
DO $$
DECLARE
    application text := current_setting('console.application');
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name,
            CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            CASE
                -- UPDATE: after a restore numbers go on above those that were given.
                WHEN c.relkind = 'S' THEN 'USAGE, SELECT, UPDATE'
                -- A2: an event is written once.
                WHEN c.relname = 'accounts_auditevent' THEN 'SELECT, INSERT'
                -- R23: what was opened stays; the same page again counts up.
                WHEN c.relname = 'accounts_openedpage' THEN 'SELECT, INSERT, UPDATE (times, rows, last_at)'
                WHEN c.relname = 'django_migrations' THEN 'SELECT'
                ELSE 'SELECT, INSERT, UPDATE, DELETE'
            END AS rights
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
            AND c.relowner = current_user::regrole
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM PUBLIC, %I', relation.kind, relation.name, application);
        EXECUTE format('GRANT %s ON %s %s TO %I', relation.rights, relation.kind, relation.name, application);
    END LOOP;
END;
$$;
