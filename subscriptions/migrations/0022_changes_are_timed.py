from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """From now on: what was settled before is not counted. A number for each of ten steps and for what is above."""
    timings = apps.get_model("subscriptions", "AccessTiming").objects
    timings.bulk_create(timings.model(kind=kind, numbers=[0] * 11) for kind in ("given", "taken"))


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0021_a_team_for_all_customers_is_reviewed"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessTiming",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[("given", "Given"), ("taken", "Taken")],
                        max_length=5,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("counted_until", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "numbers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("seconds", models.FloatField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
