from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


# Seals, eras and keys are as the events are: written once (A2).
_APPEND_ONLY = """
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
"""
_TABLES = ("accounts_sealera", "accounts_sealkey", "accounts_seal", "accounts_droppedmonths")
_FIRST_ERA = """
INSERT INTO accounts_sealera (number, after_id, reason, database)
SELECT 1, 0, '', (SELECT system_identifier FROM pg_control_system()) || '/' || oid
FROM pg_database WHERE datname = current_database();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0034_events_know_their_transaction"),
    ]

    operations = [
        migrations.CreateModel(
            name="DroppedMonths",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.DateTimeField()),
                ("events", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
                ("dropped_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SealEra",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("after_id", models.BigIntegerField()),
                ("began_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("database", models.CharField(max_length=60)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Sealing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("outside_away_since", models.DateTimeField(null=True)),
                ("stopped_since", models.DateTimeField(null=True)),
                ("stopped_because", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SealKey",
            fields=[
                ("public", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("first_used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("is_leftover", models.BooleanField(default=False)),
                ("form", models.PositiveSmallIntegerField()),
                ("first_transaction", models.BigIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_transaction", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("greatest_id", models.BigIntegerField()),
                ("events", models.PositiveIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("leaves", models.BinaryField()),
                ("records", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("signature", models.CharField(max_length=128)),
                (
                    "era",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seals",
                        to="accounts.sealera",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.sealkey",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("era"),
                        models.F("is_leftover"),
                        models.F("last_transaction"),
                        models.F("last_id"),
                        name="seals_by_their_last_event",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("era", "number"), name="seal_has_its_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("events__gt", 0), ("number__gt", 0)), name="seal_has_events_and_a_number"
                    ),
                ],
            },
        ),
        # They go with their tables.
        migrations.RunSQL("".join(_APPEND_ONLY.format(table=table) for table in _TABLES), migrations.RunSQL.noop),
        # Digests do not get shorter: trying that was half the time of writing a seal.
        migrations.RunSQL("ALTER TABLE accounts_seal ALTER leaves SET STORAGE EXTERNAL", migrations.RunSQL.noop),
        migrations.RunSQL(_FIRST_ERA, migrations.RunSQL.noop),
    ]
