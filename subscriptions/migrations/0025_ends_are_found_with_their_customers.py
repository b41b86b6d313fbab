from __future__ import annotations

from django.db import migrations, models

from accounts.migrations._indexes import BuildIndex, DropIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("subscriptions", "0024_settled_changes_are_found")]

    operations = [
        BuildIndex(
            model_name="subscription",
            index=models.Index(
                models.F("reseller"),
                models.F("ends_at"),
                condition=models.Q(("ends_at__isnull", False), ("reseller__isnull", False), ("status", "ACTIVE")),
                include=["customer", "plan"],
                name="ends_of_what_was_sold",
            ),
        ),
        DropIndex(model_name="subscription", name="subscriptions_sold_that_end"),
    ]
