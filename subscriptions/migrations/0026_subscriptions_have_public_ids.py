from __future__ import annotations

from typing import Any, Final

import django.contrib.postgres.functions
from django.db import migrations, models
from django.db.models.functions import Cast, Replace

from accounts.migrations._columns import add_columns, drop_columns, make_random
from accounts.migrations._indexes import BuildIndex

COLUMNS: Final = {
    "subscriptions_subscription": {
        "public_id": "varchar(32)",
        "purchase_order_id": "varchar(80) DEFAULT '' NOT NULL",
        "deal_code": "varchar(100) DEFAULT '' NOT NULL",
        "plan_after_trial": "varchar(20)",
        "seats_after_trial": "integer CHECK (seats_after_trial >= 0)",
    },
    "subscriptions_accessgrant": {"lapses_at": "timestamptz"},
}
_RANDOM: Final = "replace(gen_random_uuid()::text, '-', '')"


def forwards(apps: Any, schema_editor: Any) -> None:
    """Add the columns, give each row its id, and let the database keep that no other has it."""
    with schema_editor.connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            add_columns(cursor, table, columns)
        make_random(cursor, "subscriptions_subscription", "public_id", _RANDOM, "public_id_of_one_subscription")


def backwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            drop_columns(cursor, table, columns)


class Migration(migrations.Migration):
    # Each step is a transaction of its own, and may be repeated.
    atomic = False
    dependencies = [("subscriptions", "0025_ends_are_found_with_their_customers")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(forwards, backwards)],
            state_operations=[
                migrations.AddField(
                    model_name="subscription",
                    name="public_id",
                    field=models.CharField(
                        db_default=Replace(
                            Cast(django.contrib.postgres.functions.RandomUUID(), models.TextField()),
                            models.Value("-"),
                            models.Value(""),
                        ),
                        editable=False,
                        max_length=32,
                    ),
                ),
                migrations.AddField(
                    model_name="subscription",
                    name="purchase_order_id",
                    field=models.CharField(blank=True, db_default="", default="", max_length=80),
                ),
                migrations.AddField(
                    model_name="subscription",
                    name="deal_code",
                    field=models.CharField(blank=True, db_default="", default="", max_length=100),
                ),
                migrations.AddField(
                    model_name="subscription",
                    name="plan_after_trial",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("ANNUAL_MONTHLY_PAY", "Annual plan, paid monthly"),
                            ("ANNUAL_YEARLY_PAY", "Annual plan, paid yearly"),
                            ("FLEXIBLE", "Flexible plan"),
                            ("TRIAL", "Trial"),
                            ("FREE", "Free"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="subscription",
                    name="seats_after_trial",
                    field=models.PositiveIntegerField(blank=True, null=True),
                ),
                migrations.AddField(
                    model_name="accessgrant",
                    name="lapses_at",
                    field=models.DateTimeField(blank=True, null=True),
                ),
                migrations.AddConstraint(
                    model_name="subscription",
                    constraint=models.UniqueConstraint(fields=("public_id",), name="public_id_of_one_subscription"),
                ),
            ],
        ),
        BuildIndex(
            model_name="accessgrant",
            index=models.Index(
                models.F("lapses_at"),
                condition=models.Q(("ended_at__isnull", True), ("lapses_at__isnull", False)),
                name="registrations_that_lapse",
            ),
        ),
    ]
