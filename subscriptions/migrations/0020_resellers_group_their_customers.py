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
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="GroupedCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="customergroup",
            name="reseller",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="customer_groups",
                to="accounts.reseller",
            ),
        ),
        migrations.AddField(
            model_name="groupedcustomer",
            name="customer",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.customer"
            ),
        ),
        migrations.AddField(
            model_name="groupedcustomer",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="subscriptions.customergroup",
            ),
        ),
        migrations.AddConstraint(
            model_name="customergroup",
            constraint=models.UniqueConstraint(
                models.F("reseller"),
                models.F("kind"),
                django.db.models.functions.text.Lower("name"),
                name="customer_group_name_is_unique_at_the_reseller",
            ),
        ),
        migrations.AddConstraint(
            model_name="customergroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["group", "tag"])), name="customer_group_kind_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="groupedcustomer",
            index=models.Index(models.F("customer"), models.F("group"), name="groups_of_a_customer"),
        ),
        migrations.AddConstraint(
            model_name="groupedcustomer",
            constraint=models.UniqueConstraint(fields=("group", "customer"), name="customer_is_in_a_group_once"),
        ),
    ]
