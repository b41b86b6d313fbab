from __future__ import annotations

from django.db import migrations

from accounts.migrations._event_transactions import add_transaction, drop_transaction


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [("accounts", "0033_given_up_and_failed_are_found")]

    operations = [
        # No field of the model: no verb and no page asks for it, and none may write it (deploy/postgres/sql/grants.sql).
        migrations.RunPython(add_transaction, drop_transaction)
    ]
