from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_two_people"),
        ("subscriptions", "0017_access_is_reviewed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FindingSnooze",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("failed", "A change failed"),
                            ("suspended", "Suspended reseller still allowed"),
                            ("ends_soon", "Access ends soon"),
                            ("only_admin", "Only one super admin"),
                            ("review", "Review with lines left"),
                            ("contract", "Console opened by a contract"),
                            ("long_unused", "Not used for 90 days"),
                            ("wider", "Wider than what was used"),
                            ("unused", "Not used for 30 days"),
                            ("no_end", "Access without an end"),
                        ],
                        max_length=20,
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=60)),
                ("subject", models.CharField(max_length=300)),
                ("facts", models.CharField(max_length=120)),
                ("reason", models.CharField(max_length=300)),
                ("until", models.DateTimeField(null=True)),
                ("snoozed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("snoozed_by_email", models.CharField(max_length=254)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="finding_snoozes",
                        to="accounts.customer",
                    ),
                ),
                (
                    "snoozed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "kind", "about"), name="finding_is_snoozed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="snooze_has_a_reason"
                    ),
                ],
            },
        ),
    ]
