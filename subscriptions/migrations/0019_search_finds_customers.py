from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from accounts.migrations._indexes import BuildIndex


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [
        ("accounts", "0026_search_finds_names"),
        ("subscriptions", "0018_findings_are_snoozed"),
    ]

    operations = [
        BuildIndex(
            model_name="accessgrant",
            index=GinIndex(
                condition=models.Q(("ended_at__isnull", True), ("subscription__isnull", True)),
                fields=["customer_sort_name", "customer_domain"],
                name="relations_by_part_of_name",
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
            ),
        ),
    ]
