from __future__ import annotations

from datetime import timedelta

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from accounts.models.machines import new_unique_id


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0048_public_ids_names_and_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_vendor", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("email", models.CharField(max_length=254, unique=True)),
                (
                    "unique_id",
                    models.CharField(default=new_unique_id, max_length=21, unique=True),
                ),
                ("scopes", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_accounts",
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
                        related_name="service_accounts",
                        to="accounts.reseller",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("is_vendor", False), ("reseller__isnull", True)),
                            models.Q(("customer__isnull", True), ("is_vendor", False), ("reseller__isnull", False)),
                            models.Q(("customer__isnull", True), ("is_vendor", True), ("reseller__isnull", True)),
                            _connector="OR",
                        ),
                        name="service_account_belongs_to_exactly_one_organisation",
                    ),
                    models.UniqueConstraint(
                        models.F("customer"),
                        django.db.models.functions.text.Lower("name"),
                        name="customer_names_a_service_account_once",
                    ),
                    models.UniqueConstraint(
                        models.F("reseller"),
                        django.db.models.functions.text.Lower("name"),
                        name="reseller_names_a_service_account_once",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("is_vendor", True)),
                        name="vendor_names_a_service_account_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceAccountKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kid", models.CharField(max_length=40, unique=True)),
                ("certificate", models.TextField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="accounts.serviceaccount"
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
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "expires_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("made_at"), "+", models.Value(timedelta(days=365))
                                ),
                            )
                        ),
                        name="key_ends_within_a_year",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to="accounts.serviceaccount"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="accounts.serviceaccountkey",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("expires_at"), name="api_tokens_by_end"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "expires_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("made_at"), "+", models.Value(timedelta(seconds=3600))
                                ),
                            )
                        ),
                        name="api_token_ends_within_an_hour",
                    ),
                ],
            },
        ),
    ]
