from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.db.models.functions import Upper
from django.db import migrations, models

from accounts.migrations._indexes import BuildIndex


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [
        ("accounts", "0024_two_people"),
    ]

    operations = [
        # A trusted extension: it takes the owner of the database to make it, and no superuser.
        TrigramExtension(),
        BuildIndex(
            model_name="customer",
            index=models.Index(models.F("sort_name"), models.F("id"), name="customers_by_name"),
        ),
        BuildIndex(
            model_name="customer",
            index=GinIndex(
                fields=["sort_name", "primary_domain"],
                name="customers_by_part_of_name",
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
            ),
        ),
        BuildIndex(
            model_name="device",
            index=GinIndex(
                OpClass("serial_number", name="gin_trgm_ops"),
                OpClass(Upper("model"), name="gin_trgm_ops"),
                name="devices_by_part_of_number",
            ),
        ),
        BuildIndex(
            model_name="directorygroup",
            index=GinIndex(
                fields=["sort_name", "email"], name="groups_by_part_of_name", opclasses=["gin_trgm_ops", "gin_trgm_ops"]
            ),
        ),
        BuildIndex(
            model_name="user",
            index=GinIndex(
                condition=models.Q(
                    ("customer__isnull", False), ("deleted_at__isnull", True), ("purged_at__isnull", True)
                ),
                fields=["sort_name", "email"],
                name="people_by_part_of_name",
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
            ),
        ),
    ]
