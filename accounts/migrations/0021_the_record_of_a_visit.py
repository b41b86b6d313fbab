from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_mail_is_dropped_for_more_reasons"),
    ]

    operations = [
        # False for the visits that are there, and for those that the release before lets in while it still runs.
        migrations.AddField(
            model_name="consolesession",
            name="keeps_record",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="console_session_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="OpenedPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=60)),
                ("path", models.CharField(max_length=200)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("filter", models.TextField(blank=True)),
                ("filter_digest", models.CharField(max_length=64)),
                ("times", models.PositiveIntegerField(default=1)),
                ("rows", models.PositiveBigIntegerField(null=True)),
                ("first_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "console_session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opened",
                        to="accounts.consolesession",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("console_session"), models.F("id"), name="opened_during_a_visit"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("console_session", "path", "filter_digest"), name="visit_has_each_opened_page_once"
                    ),
                ],
            },
        ),
    ]
