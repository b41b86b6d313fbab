from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# Deleting along: the release before deletes organisations and does not know this table.
KEYS = """
ALTER TABLE accounts_keptoutmachine ADD CONSTRAINT machine_is_kept_out_of_a_customer FOREIGN KEY (customer_id)
    REFERENCES accounts_customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_keptoutmachine ADD CONSTRAINT kept_out_machine_is_an_account FOREIGN KEY (account_id)
    REFERENCES accounts_serviceaccount (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0057_tries_of_messages")]

    operations = [
        migrations.CreateModel(
            name="KeptOutMachine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.serviceaccount",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_out_machines",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "account"), name="machine_is_kept_out_once")
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
