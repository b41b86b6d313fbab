from __future__ import annotations

from django.db import migrations

# A root for every customer there is, everybody in it, and every address in the one table of addresses.
FORWARDS = """
INSERT INTO accounts_orgunit (customer_id, name, sort_name, description, approves_mobile_devices)
    SELECT id, '', '', '', false FROM accounts_customer;
UPDATE accounts_user u SET org_unit_id = o.id FROM accounts_orgunit o WHERE o.customer_id = u.customer_id;
UPDATE accounts_user SET suspended_at = now() WHERE NOT is_active;
INSERT INTO accounts_address (email, user_id) SELECT email, id FROM accounts_user;
"""
BACKWARDS = """
DELETE FROM accounts_address;
UPDATE accounts_user SET org_unit_id = NULL;
DELETE FROM accounts_orgunit;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_directory_devices_jobs_and_entries")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
