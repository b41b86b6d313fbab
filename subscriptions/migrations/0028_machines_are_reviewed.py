from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0058_customers_keep_machines_out"),
        ("subscriptions", "0027_notified_accounts"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="reviewline", name="line_names_its_customer"),
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
                    ("machine", "Machine"),
                    ("account", "Service account"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="reviewline",
            name="reseller",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.reseller",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("customer__isnull", False), ("kind__in", ("team_for_all", "account")), _connector="OR"
                ),
                name="line_names_its_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reseller__isnull", False),
                    models.Q(("customer__isnull", False), ("kind", "account")),
                    _connector="OR",
                ),
                name="line_names_its_reseller",
            ),
        ),
    ]
