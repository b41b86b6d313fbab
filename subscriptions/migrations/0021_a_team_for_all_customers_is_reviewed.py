from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0020_resellers_group_their_customers"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reviewline",
            name="review_has_each_line_once",
        ),
        migrations.AlterField(
            model_name="reviewline",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.customer",
            ),
        ),
        migrations.AlterField(
            model_name="reviewline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("console", "Console"),
                    ("subscription", "Subscription"),
                    ("contract", "Support contract"),
                    ("agent", "Agent"),
                    ("team", "Team"),
                    ("team_for_all", "Team for all customers"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewline",
            constraint=models.UniqueConstraint(
                fields=("review", "kind", "about_id", "customer"),
                name="review_has_each_line_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewline",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer__isnull", False), ("kind", "team_for_all"), _connector="OR"),
                name="line_names_its_customer",
            ),
        ),
    ]
