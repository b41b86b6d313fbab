from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_jobs_of_resellers"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="list_choices",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
