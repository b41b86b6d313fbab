from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_audit_partitions"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="works_for_all",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="team",
            index=models.Index(
                models.F("reseller"), condition=models.Q(("works_for_all", True)), name="teams_for_all_customers"
            ),
        ),
    ]
