from __future__ import annotations

from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_mail_is_dropped_for_more_reasons"),
        ("subscriptions", "0014_customers_have_rules_for_access"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="accesspolicy",
            name="takes_requests",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by_email", models.CharField(max_length=254)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("cases", "Support cases only"),
                            ("view", "View only"),
                            ("help_desk", "Help desk"),
                            ("licences", "Licences"),
                            ("directory", "Directory"),
                            ("full", "Everything"),
                        ],
                        max_length=12,
                    ),
                ),
                ("lasts", models.DurationField(null=True)),
                ("reason", models.TextField(max_length=2000)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for an answer"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("handed_at", models.DateTimeField(null=True)),
                ("answered_by_email", models.CharField(blank=True, max_length=254)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, max_length=2000)),
                (
                    "given_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cases", "Support cases only"),
                            ("view", "View only"),
                            ("help_desk", "Help desk"),
                            ("licences", "Licences"),
                            ("directory", "Directory"),
                            ("full", "Everything"),
                        ],
                        max_length=12,
                    ),
                ),
                ("given_lasts", models.DurationField(null=True)),
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
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("changes", models.ManyToManyField(related_name="+", to="subscriptions.accesschange")),
                ("given_subscriptions", models.ManyToManyField(related_name="+", to="subscriptions.subscription")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_requests",
                        to="accounts.customer",
                    ),
                ),
                (
                    "handed_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_requests",
                        to="accounts.reseller",
                    ),
                ),
                ("skus", models.ManyToManyField(related_name="+", to="subscriptions.sku")),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("customer"), models.F("id"), name="requests_to_a_customer"),
                    models.Index(
                        models.F("reseller"), models.F("customer"), models.F("id"), name="requests_of_a_reseller"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "pending")),
                        fields=("customer", "reseller"),
                        name="one_pending_request_per_reseller_and_customer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("status", "pending")),
                            models.Q(models.Q(("status", "pending"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="settled_request_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "rejected"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="rejected_request_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), models.Q(("given_level", ""), _negated=True)),
                            models.Q(
                                models.Q(("status", "approved"), _negated=True),
                                ("given_lasts__isnull", True),
                                ("given_level", ""),
                            ),
                            _connector="OR",
                        ),
                        name="only_approved_request_says_what_was_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lasts__isnull", True), ("lasts__gt", timedelta(0)), _connector="OR"),
                        name="request_is_for_some_time",
                    ),
                ],
            },
        ),
    ]
