from __future__ import annotations

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_mail_is_dropped_for_more_reasons"),
        ("subscriptions", "0013_access_has_a_level_and_an_end"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessPolicy",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="access_policy",
                        serialize=False,
                        to="accounts.customer",
                    ),
                ),
                ("longest", models.DurationField(null=True)),
                (
                    "new_level",
                    models.CharField(
                        choices=[
                            ("cases", "Support cases only"),
                            ("view", "View only"),
                            ("help_desk", "Help desk"),
                            ("licences", "Licences"),
                            ("directory", "Directory"),
                            ("full", "Everything"),
                        ],
                        default="full",
                        max_length=12,
                    ),
                ),
                ("new_lasts", models.DurationField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("longest__isnull", True), ("longest__gt", timedelta(0)), _connector="OR"),
                        name="longest_access_is_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("new_lasts__isnull", True), ("new_lasts__gt", timedelta(0)), _connector="OR"
                        ),
                        name="new_access_lasts_some_time",
                    ),
                ],
            },
        ),
    ]
