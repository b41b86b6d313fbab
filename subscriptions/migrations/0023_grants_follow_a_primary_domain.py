from __future__ import annotations

from django.db import migrations

# Lists of customers are searched by the domain that stands on the grant: a copy, which the database keeps in step.
FORWARDS = """
CREATE FUNCTION grants_follow_a_primary_domain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE subscriptions_accessgrant SET customer_domain = NEW.primary_domain WHERE customer_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER grants_follow_a_primary_domain AFTER UPDATE OF primary_domain ON accounts_customer
    FOR EACH ROW WHEN (OLD.primary_domain <> NEW.primary_domain) EXECUTE FUNCTION grants_follow_a_primary_domain();
"""
BACKWARDS = """
DROP TRIGGER grants_follow_a_primary_domain ON accounts_customer;
DROP FUNCTION grants_follow_a_primary_domain();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0022_changes_are_timed")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
