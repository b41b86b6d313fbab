from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# Deleting along: workers of the release before forget old messages and do not know this table.
KEY = """
ALTER TABLE accounts_webhookattempt ADD CONSTRAINT try_is_of_a_message FOREIGN KEY (delivery_id)
    REFERENCES accounts_webhookdelivery (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0055_channels_of_activities")]

    operations = [
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("status", models.PositiveSmallIntegerField(null=True)),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("late", "no answer in time"),
                            ("no_host", "the host does not exist"),
                            ("no_name_server", "no name server answered"),
                            ("not_permitted", "the host has no address on the public internet"),
                            ("certificate", "its certificate is not valid"),
                            ("no_connection", "no connection, or it broke off"),
                            ("unwritten", "it could not be written, which is our own fault"),
                        ],
                        max_length=14,
                    ),
                ),
                ("took", models.PositiveIntegerField()),
                ("answer", models.CharField(blank=True, max_length=500)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="accounts.webhookdelivery",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(models.F("delivery"), models.F("id"), name="tries_of_a_delivery")],
            },
        ),
        migrations.RunSQL(KEY, migrations.RunSQL.noop),
    ]
