from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Collate, Now, Reverse

# Deleting along: the release before deletes organisations and does not know this table.
KEYS = """
ALTER TABLE accounts_domain ADD CONSTRAINT domain_is_of_a_customer FOREIGN KEY (customer_id)
    REFERENCES accounts_customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_domain ADD CONSTRAINT domain_is_of_a_reseller FOREIGN KEY (reseller_id)
    REFERENCES accounts_reseller (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0035_seals")]

    operations = [
        migrations.CreateModel(
            name="Domain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_vendor", models.BooleanField(db_default=False, default=False)),
                ("name", models.CharField(max_length=253, verbose_name="domain")),
                (
                    "kind",
                    models.CharField(
                        choices=[("primary", "Primary domain"), ("secondary", "Secondary domain"), ("alias", "Alias")],
                        max_length=9,
                        verbose_name="type",
                    ),
                ),
                ("holds", models.BooleanField(db_default=True, default=True)),
                ("was_primary", models.BooleanField(db_default=False, default=False)),
                ("value", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("added_at", models.DateTimeField(db_default=Now())),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verified_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("txt", "By a TXT record"),
                            ("operator", "By the vendor"),
                            ("created", "Created with it by the vendor"),
                            ("before", "In use before domains were verified"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, db_default="", default="", max_length=300, verbose_name="reason"),
                ),
                ("contested_at", models.DateTimeField(blank=True, null=True)),
                ("look_asked_at", models.DateTimeField(blank=True, null=True)),
                ("look_due_at", models.DateTimeField(blank=True, null=True)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "look_answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "No TXT record was found"),
                            ("other", "The TXT record has another value"),
                            ("silent", "The name server did not answer"),
                            ("found", "The TXT record was found"),
                            ("taken", "Another organisation has verified this domain, or one above or below it"),
                        ],
                        db_default="",
                        default="",
                        max_length=6,
                    ),
                ),
                ("silent_since", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="domains",
                        to="accounts.customer",
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="domains",
                        to="accounts.reseller",
                    ),
                ),
                (
                    "verified_by",
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
                "indexes": [
                    models.Index(models.F("name"), name="domains_by_name"),
                    models.Index(
                        Collate(Reverse("name"), "C"),
                        condition=models.Q(("verified_at__isnull", False)),
                        name="domains_below_a_domain",
                    ),
                    models.Index(
                        models.F("look_due_at"),
                        condition=models.Q(("look_due_at__isnull", False)),
                        name="domains_to_look_up",
                    ),
                    models.Index(
                        models.F("contested_at"),
                        condition=models.Q(("contested_at__isnull", False)),
                        name="contested_domains",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[a-z0-9.-]+$")), name="domain_is_canonical"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("is_vendor", False), ("reseller__isnull", True)),
                            models.Q(("customer__isnull", True), ("is_vendor", False), ("reseller__isnull", False)),
                            models.Q(
                                ("customer__isnull", True),
                                ("is_vendor", True),
                                ("reseller__isnull", True),
                                models.Q(("kind", "primary"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="domain_belongs_to_exactly_one_organisation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["primary", "secondary", "alias"])), name="domain_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verified_at__isnull", True), ("verified_how", "")),
                            models.Q(
                                ("verified_at__isnull", False),
                                ("verified_how__in", ["txt", "operator", "created", "before"]),
                            ),
                            _connector="OR",
                        ),
                        name="domain_says_how_it_was_verified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verified_how", "operator"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="operator_verifies_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("look_asked_at__isnull", True), ("look_due_at__isnull", True)),
                            models.Q(
                                ("look_asked_at__isnull", False),
                                ("look_due_at__isnull", False),
                                ("verified_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="domain_is_looked_up_until_verified",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("holds", True)), fields=("name",), name="one_organisation_holds_a_domain"
                    ),
                    models.UniqueConstraint(fields=("customer", "name"), name="customer_has_a_domain_once"),
                    models.UniqueConstraint(fields=("reseller", "name"), name="reseller_has_a_domain_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_vendor", True)), fields=("name",), name="vendor_has_a_domain_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "primary")),
                        fields=("customer",),
                        name="customer_has_one_primary_domain",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "primary")),
                        fields=("reseller",),
                        name="reseller_has_one_primary_domain",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                models.Func(
                    models.F("email"),
                    models.Value("@"),
                    models.Value(2),
                    function="split_part",
                    output_field=models.TextField(),
                ),
                name="addresses_by_domain",
            ),
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
