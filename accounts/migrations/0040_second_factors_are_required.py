from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0037_primary_domains_have_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactorReset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factor_resets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("begun_by_email", models.CharField(blank=True, max_length=254)),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("begun_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("cancelled", "Cancelled")],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_email", models.CharField(blank=True, max_length=254)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("person"), models.F("id"), name="resets_of_a_person"),
                    models.Index(
                        models.F("due_at"), condition=models.Q(("status", "waiting")), name="resets_that_wait"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")),
                        fields=("person",),
                        name="one_reset_waits_for_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("status", "waiting")),
                            models.Q(models.Q(("status", "waiting"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="settled_reset_says_when",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="factor_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="must_enrol_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("access", "Reseller access"),
                    ("answer", "Approval of a request for access"),
                    ("super_admin", "New super admin"),
                    ("transfer_token", "Transfer token"),
                    ("rule", "Decisions that need two people"),
                    ("lost_factor", "Reset of a lost second factor"),
                ],
                max_length=14,
            ),
        ),
    ]
