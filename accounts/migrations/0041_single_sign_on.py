from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


# Deleting along: the release before deletes organisations and does not know this table.
KEYS = """
ALTER TABLE accounts_identityprovider ADD CONSTRAINT provider_is_of_a_customer FOREIGN KEY (customer_id)
    REFERENCES accounts_customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_identityprovider ADD CONSTRAINT provider_is_of_a_reseller FOREIGN KEY (reseller_id)
    REFERENCES accounts_reseller (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0040_second_factors_are_required"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=255, verbose_name="issuer")),
                ("client_id", models.CharField(max_length=255, verbose_name="client ID")),
                ("secret", models.TextField(editable=False)),
                ("version", models.UUIDField(default=uuid.uuid4)),
                ("saved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("tested_at", models.DateTimeField(blank=True, null=True)),
                ("switched_on_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_provider",
                        to="accounts.customer",
                    ),
                ),
                (
                    "reseller",
                    models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_provider",
                        to="accounts.reseller",
                    ),
                ),
                (
                    "tested_by",
                    models.ForeignKey(
                        blank=True,
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
                            models.Q(("customer__isnull", False), ("reseller__isnull", True)),
                            models.Q(("customer__isnull", True), ("reseller__isnull", False)),
                            _connector="OR",
                        ),
                        name="provider_belongs_to_one_organisation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("switched_on_at__isnull", True), ("tested_at__isnull", False), _connector="OR"
                        ),
                        name="provider_is_tested_before_it_is_on",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
