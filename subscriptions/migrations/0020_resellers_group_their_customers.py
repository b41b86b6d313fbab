from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0028_a_team_works_for_all_customers"),
        ("subscriptions", "0019_search_finds_customers"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("group", "Group"), ("tag", "Tag")], max_length=5)),
                ("name", models.CharField(max_length=60)),
                (
                    "reseller",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="customer_groups",
                        to="accounts.reseller",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("reseller"),
                        models.F("kind"),
                        django.db.models.functions.text.Lower("name"),
                        name="customer_group_name_is_unique_at_the_reseller",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["group", "tag"])), name="customer_group_kind_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupedCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="subscriptions.customergroup",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("customer"), models.F("group"), name="groups_of_a_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("group", "customer"), name="customer_is_in_a_group_once"),
                ],
            },
        ),
    ]
