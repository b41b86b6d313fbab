from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations

from accounts.database.unclaimed import claim_addresses_elsewhere

# The row of a primary domain is kept in step with the organisation's column. The release before writes only that: it
# knows no rows, and has no rights on them until `migrate` has ended. A name that another organisation holds already is
# listed for an operator.
FORWARDS = """
CREATE FUNCTION primary_domain_is_a_row() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    -- A plan is kept for the session: one that was made while the table was small would read all of it ever after.
    SET enable_seqscan = off AS $$
DECLARE
    of_customer bigint := CASE TG_TABLE_NAME WHEN 'accounts_customer' THEN NEW.id END;
    of_reseller bigint := CASE TG_TABLE_NAME WHEN 'accounts_reseller' THEN NEW.id END;
    is_held boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE accounts_domain SET kind = 'secondary', was_primary = true
        WHERE kind = 'primary' AND name = OLD.primary_domain AND name <> NEW.primary_domain
            AND (customer_id = of_customer OR reseller_id = of_reseller);
    END IF;
    UPDATE accounts_domain SET kind = 'primary'
    WHERE name = NEW.primary_domain AND (customer_id = of_customer OR reseller_id = of_reseller);
    IF NOT FOUND THEN
        is_held := EXISTS (SELECT FROM accounts_domain WHERE name = NEW.primary_domain AND holds);
        INSERT INTO accounts_domain
            (customer_id, reseller_id, name, kind, holds, verified_at, verified_how, contested_at)
        VALUES (of_customer, of_reseller, NEW.primary_domain, 'primary', NOT is_held, now(), 'before',
            CASE WHEN is_held THEN now() END);
    END IF;
    RETURN NULL;
END $$;

-- By its name in front of the triggers of foreign keys ("RI_…"), where a transaction checks these at once.
-- And in front of the rows of before: from here on nobody founds an organisation until this is committed.
CREATE TRIGGER "A_primary_domain_is_a_row" AFTER INSERT OR UPDATE OF primary_domain ON accounts_customer
    FOR EACH ROW EXECUTE FUNCTION primary_domain_is_a_row();
CREATE TRIGGER "A_primary_domain_is_a_row" AFTER INSERT OR UPDATE OF primary_domain ON accounts_reseller
    FOR EACH ROW EXECUTE FUNCTION primary_domain_is_a_row();

-- Primary domains from before are verified; of two organisations with the same one the elder has it.
INSERT INTO accounts_domain (customer_id, reseller_id, name, kind, holds, added_at, verified_at, verified_how, contested_at)
SELECT customer_id, reseller_id, name, 'primary', place = 1, created_at, now(), 'before',
    CASE WHEN place > 1 THEN now() END
FROM (
    SELECT *, row_number() OVER (PARTITION BY name ORDER BY created_at, customer_id, reseller_id) AS place
    FROM (
        SELECT id AS customer_id, NULL::bigint AS reseller_id, primary_domain AS name, created_at FROM accounts_customer
        UNION ALL SELECT NULL, id, primary_domain, created_at FROM accounts_reseller
    ) organisations
) numbered;
SET CONSTRAINTS ALL IMMEDIATE;

-- Decision 9: the domain that an organisation names is a row of its own, which nobody removes.
ALTER TABLE accounts_customer ADD CONSTRAINT primary_domain_is_of_the_customer FOREIGN KEY (id, primary_domain)
    REFERENCES accounts_domain (customer_id, name) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_reseller ADD CONSTRAINT primary_domain_is_of_the_reseller FOREIGN KEY (id, primary_domain)
    REFERENCES accounts_domain (reseller_id, name) DEFERRABLE INITIALLY DEFERRED;
"""
BACKWARDS = """
ALTER TABLE accounts_customer DROP CONSTRAINT primary_domain_is_of_the_customer;
ALTER TABLE accounts_reseller DROP CONSTRAINT primary_domain_is_of_the_reseller;
DROP TRIGGER "A_primary_domain_is_a_row" ON accounts_customer;
DROP TRIGGER "A_primary_domain_is_a_row" ON accounts_reseller;
DROP FUNCTION primary_domain_is_a_row();
DELETE FROM accounts_domain;
"""


def claim_addresses(apps: Any, schema_editor: Any) -> None:
    """Let organisations keep the addresses that they have at other domains (P9)."""
    with schema_editor.connection.cursor() as cursor:
        claim_addresses_elsewhere(cursor, settings.VENDOR_DOMAINS)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0036_domains_are_rows")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunPython(claim_addresses, migrations.RunPython.noop),
    ]
