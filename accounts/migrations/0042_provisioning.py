from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0041_single_sign_on")]

    operations = [
        migrations.CreateModel(
            name="Provisioned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(blank=True, max_length=255)),
                ("given_name", models.CharField(blank=True, max_length=200)),
                ("family_name", models.CharField(blank=True, max_length=200)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "group",
                    models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provisioned",
                        to="accounts.directorygroup",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScimToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("invites_people", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("counted_since", models.DateTimeField(blank=True, null=True)),
                ("counted", models.IntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        # Deleting along: the release before deletes groups and does not know this table.
        migrations.RunSQL(
            "ALTER TABLE accounts_provisioned ADD CONSTRAINT provisioned_is_of_a_group FOREIGN KEY (group_id)"
            " REFERENCES accounts_directorygroup (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="provisioned",
            name="user",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="provisioned",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="scimtoken",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scim_tokens",
                to="accounts.customer",
            ),
        ),
        migrations.AddField(
            model_name="scimtoken",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="scimtoken",
            name="reseller",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scim_tokens",
                to="accounts.reseller",
            ),
        ),
        migrations.AddIndex(
            model_name="provisioned",
            index=models.Index(
                models.F("external_id"),
                condition=models.Q(("external_id", ""), _negated=True),
                name="provisioned_by_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="provisioned",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", True), ("user__isnull", False)),
                    models.Q(("group__isnull", False), ("user__isnull", True)),
                    _connector="OR",
                ),
                name="provisioned_is_a_person_or_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer__isnull", False), ("reseller__isnull", True)),
                    models.Q(("customer__isnull", True), ("reseller__isnull", False)),
                    _connector="OR",
                ),
                name="scim_token_belongs_to_exactly_one_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                django.db.models.functions.text.Lower("name"),
                name="customer_names_a_scim_token_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.UniqueConstraint(
                models.F("reseller"),
                django.db.models.functions.text.Lower("name"),
                name="reseller_names_a_scim_token_once",
            ),
        ),
    ]
