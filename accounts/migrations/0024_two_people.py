from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_activations_open_what_is_on_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="PastSuperAdmin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ended_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("customer"), models.F("ended_at"), name="past_super_admins"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "Reseller access"),
                            ("answer", "Approval of a request for access"),
                            ("super_admin", "New super admin"),
                            ("transfer_token", "Transfer token"),
                            ("rule", "Decisions that need two people"),
                        ],
                        max_length=14,
                    ),
                ),
                ("said", models.JSONField()),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("author_email", models.CharField(max_length=254)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for another super admin"),
                            ("approved", "Approved"),
                            ("emergency", "Decided alone in an emergency"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                            ("lapsed", "Ended: its author is no longer a super admin"),
                            ("overtaken", "Overtaken by another change"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("answered_by_email", models.CharField(blank=True, max_length=254)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("customer"), models.F("id"), name="proposals_of_a_customer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("status", "waiting")),
                            models.Q(models.Q(("status", "waiting"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="settled_proposal_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["rejected", "emergency"]), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="rejection_and_emergency_have_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            ("author__isnull", True),
                            ("answered_by__isnull", True),
                            models.Q(("author", models.F("answered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_approves_their_own_proposal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TwoPeople",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="two_people",
                        serialize=False,
                        to="accounts.customer",
                    ),
                ),
                ("access", models.BooleanField(default=False)),
                ("super_admins", models.BooleanField(default=False)),
                ("transfer_tokens", models.BooleanField(default=False)),
            ],
            options={
                "default_permissions": (),
            },
        ),
    ]
