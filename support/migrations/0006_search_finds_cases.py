from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models.functions import Upper
from django.db import migrations

from accounts.migrations._indexes import BuildIndex


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [
        ("accounts", "0026_search_finds_names"),
        ("support", "0005_attachments_of_a_day"),
    ]

    operations = [
        BuildIndex(
            model_name="case",
            index=GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="cases_by_part_of_title"),
        ),
    ]
