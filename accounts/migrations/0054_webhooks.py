from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0053_registered_by"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(db_default="webhook", default="webhook", max_length=20)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("url", models.CharField(max_length=500)),
                (
                    "families",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), db_default=[], default=list, size=None
                    ),
                ),
                ("secret", models.TextField(editable=False)),
                ("old_secret", models.TextField(blank=True, db_default="", default="", editable=False)),
                ("old_secret_until", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                (
                    "paused_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("admin", "An admin paused it"),
                            ("failing", "It took no message for three days"),
                            ("gone", "It answered that it is gone"),
                            ("restored", "A backup was restored"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "made_by",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.reseller",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("customer"),
                        condition=models.Q(("removed_at__isnull", True)),
                        name="hearing_endpoints_of_customer",
                    ),
                    models.Index(
                        models.F("reseller"),
                        condition=models.Q(("removed_at__isnull", True)),
                        name="hearing_endpoints_of_reseller",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("reseller__isnull", True)),
                            models.Q(("customer__isnull", True), ("reseller__isnull", False)),
                            _connector="OR",
                        ),
                        name="endpoint_belongs_to_exactly_one_organisation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paused_at__isnull", True), ("paused_because", "")),
                            models.Q(("paused_at__isnull", False), models.Q(("paused_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="paused_endpoint_says_why",
                    ),
                    models.UniqueConstraint(
                        models.F("customer"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("kind", "webhook"), ("removed_at__isnull", True)),
                        name="customer_names_an_endpoint_once",
                    ),
                    models.UniqueConstraint(
                        models.F("reseller"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("kind", "webhook"), ("removed_at__isnull", True)),
                        name="reseller_names_an_endpoint_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("kind", models.CharField(max_length=30)),
                ("type", models.CharField(max_length=80)),
                ("event_id", models.BigIntegerField(null=True)),
                ("event_at", models.DateTimeField(null=True)),
                ("about_id", models.BigIntegerField(null=True)),
                ("body", models.TextField(blank=True, db_default="", default="")),
                ("headers", models.JSONField(db_default={}, default=dict)),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("next_attempt_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("delivered", "Delivered"),
                            ("gave_up", "Given up"),
                            ("not_for_them", "Not sent: access has ended"),
                        ],
                        db_default="",
                        default="",
                        max_length=12,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(null=True)),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("late", "no answer in time"),
                            ("no_host", "the host does not exist"),
                            ("no_name_server", "no name server answered"),
                            ("not_permitted", "the host has no address on the public internet"),
                            ("certificate", "its certificate is not valid"),
                            ("no_connection", "no connection, or it broke off"),
                            ("unwritten", "it could not be written, which is our own fault"),
                        ],
                        db_default="",
                        default="",
                        max_length=14,
                    ),
                ),
                ("took", models.PositiveIntegerField(null=True)),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="accounts.webhookendpoint",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("endpoint"),
                        models.F("next_attempt_at"),
                        models.F("id"),
                        condition=models.Q(("settled_at__isnull", True)),
                        name="deliveries_to_send",
                    ),
                    models.Index(models.F("endpoint"), models.F("id"), name="deliveries_of_endpoint"),
                    models.Index(models.F("queued_at"), name="deliveries_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at__isnull", True)),
                            models.Q(("settled_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="settled_delivery_says_how",
                    ),
                ],
            },
        ),
    ]
