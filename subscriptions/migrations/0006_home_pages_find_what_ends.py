from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0005_no_licence_points_to_another_customer"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("reseller"),
                models.F("ends_at"),
                condition=models.Q(("ends_at__isnull", False), ("reseller__isnull", False), ("status", "ACTIVE")),
                name="subscriptions_sold_that_end",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("reseller"),
                models.F("id"),
                condition=models.Q(("reseller__isnull", False), ("status", "SUSPENDED")),
                name="suspended_subscriptions_sold",
            ),
        ),
    ]
