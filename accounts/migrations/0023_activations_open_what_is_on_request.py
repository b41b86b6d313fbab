from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_who_must_know_is_told"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("window_began", models.DateTimeField()),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("case_number", models.CharField(blank=True, max_length=40, verbose_name="case number")),
                ("lasts", models.DurationField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("at_once", "Nobody: it begins at once"),
                            ("reseller", "Another reseller admin of their organisation"),
                            ("customer", "A super admin of yours"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for approval"),
                            ("begun", "Activated"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by_email", models.CharField(blank=True, max_length=254)),
                ("answer", models.CharField(blank=True, max_length=300)),
                ("effective_from", models.DateTimeField(null=True)),
                ("effective_until", models.DateTimeField(null=True)),
                (
                    "ended_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agent", "Ended by the agent"),
                            ("reseller", "Ended by the reseller"),
                            ("customer", "Ended by the customer"),
                            ("work_ended", "The agent no longer works for the customer"),
                            ("restored", "A backup was restored"),
                        ],
                        max_length=10,
                    ),
                ),
                ("ended_by_email", models.CharField(blank=True, max_length=254)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to="accounts.customer",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="more",
                        to="accounts.activation",
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.reseller"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("customer"),
                        models.F("agent"),
                        models.F("effective_until"),
                        name="activations_of_an_agent",
                    ),
                    models.Index(models.F("customer"), models.F("id"), name="activations_at_a_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")),
                        fields=("customer", "agent"),
                        name="agent_waits_for_one_activation_per_customer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("effective_from__isnull", False),
                                ("effective_until__isnull", False),
                                ("status", "begun"),
                            ),
                            models.Q(
                                models.Q(("status", "begun"), _negated=True),
                                ("effective_from__isnull", True),
                                ("effective_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="begun_activation_has_its_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effective_until__isnull", True),
                            ("effective_until__gte", models.F("effective_from")),
                            _connector="OR",
                        ),
                        name="activation_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="auditevent",
            name="activation_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="consolesession",
            name="activation",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="accounts.activation",
            ),
        ),
    ]
