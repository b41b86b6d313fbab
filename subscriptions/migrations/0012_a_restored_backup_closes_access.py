from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0011_a_token_may_name_products"),
    ]

    operations = [
        migrations.CreateModel(
            name="Restore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("restored_from", models.DateTimeField(unique=True)),
                ("closed_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="accesschange",
            name="restore",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="subscriptions.restore",
            ),
        ),
        migrations.AddIndex(
            model_name="accesschange",
            index=models.Index(
                models.F("restore"),
                models.F("id"),
                condition=models.Q(("restore__isnull", False)),
                name="changes_of_a_restore",
            ),
        ),
    ]
