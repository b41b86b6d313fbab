from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0009_names_sort_where_people_look"),
    ]

    operations = [
        migrations.AddField(
            model_name="accessgrant",
            name="basis",
            field=models.CharField(
                choices=[
                    ("relation", "Subscriptions sold"),
                    ("contract", "Support contract"),
                    ("both", "Subscriptions sold and a support contract"),
                ],
                db_default="relation",
                default="relation",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("subscription__isnull", True), ("basis", "relation"), _connector="OR"),
                name="contract_opens_a_console_and_no_subscription",
            ),
        ),
    ]
