-- Run by ../roles.sh as an administrator. The owner migrates; the application reads and writes rows, and no more; the
-- sealer reads the audit log and writes its seals, and no more (docs/decisions, "Two roles", "The sealer's own role").
\set owner console_owner
\set app console_app
\set sealer console_sealer
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv app_password POSTGRES_APP_PASSWORD
\getenv sealer_password POSTGRES_SEALER_PASSWORD

-- Roles belong to all databases of a server: a script that makes them for another one at this moment is waited for.
SELECT format($make$DO $do$ BEGIN CREATE ROLE %I LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $do$$make$, name)
FROM unnest(ARRAY[:'owner', :'app', :'sealer']) name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS', rolname)
FROM pg_roles WHERE rolname IN (:'owner', :'app', :'sealer')
  AND (NOT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) \gexec

\if :{?owner_password}
SELECT format('ALTER ROLE %I PASSWORD %L', :'owner', :'owner_password') WHERE :'owner_password' <> '' \gexec
\endif
\if :{?app_password}
SELECT format('ALTER ROLE %I PASSWORD %L', :'app', :'app_password') WHERE :'app_password' <> '' \gexec
\endif
\if :{?sealer_password}
SELECT format('ALTER ROLE %I PASSWORD %L', :'sealer', :'sealer_password') WHERE :'sealer_password' <> '' \gexec
\endif

-- The application and the sealer are nobody else. The owner may become both: `migrate` sets their time limits so.
SELECT format('REVOKE %I FROM %I GRANTED BY %I', roleid::regrole, member::regrole, grantor::regrole)
FROM pg_auth_members WHERE member IN (:'app'::regrole, :'sealer'::regrole) \gexec
SELECT format('GRANT %I TO %I', name, :'owner') FROM unnest(ARRAY[:'app', :'sealer']) name
WHERE NOT pg_has_role(:'owner', name, 'MEMBER') \gexec
SELECT format('REVOKE SET ON PARAMETER session_replication_role FROM %I', name)
FROM unnest(ARRAY[:'app', :'sealer']) name WHERE has_parameter_privilege(name, 'session_replication_role', 'SET') \gexec

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I, %I', current_database(), :'app', :'sealer') \gexec
SELECT format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO %I', current_database(), :'owner') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I, %I', current_database(), :'app', :'sealer') \gexec
ALTER SCHEMA public OWNER TO :"owner";
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :"app", :"sealer";
GRANT USAGE ON SCHEMA public TO :"app", :"sealer";

-- What an earlier release made as another role. Sequences of columns go with their tables.
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, :'owner') FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner <> :'owner'::regrole
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
\gexec
SELECT format('ALTER SEQUENCE %s OWNER TO %I', c.oid::regclass, :'owner') FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' AND c.relowner <> :'owner'::regrole
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
\gexec
SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, :'owner') FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> :'owner'::regrole
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
\gexec

-- Tables of later migrations; grants.sql, which `migrate` runs at its end, restricts those that need it.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO :"app";

SET ROLE :"owner";
SELECT set_config('console.application', :'app', false);
\ir grants.sql
RESET ROLE;
