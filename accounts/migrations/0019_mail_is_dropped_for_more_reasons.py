from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0018_sweeps_and_heartbeats"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mail",
            name="dropped_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_for_them", "Not For Them"),
                    ("refused", "Refused"),
                    ("gave_up", "Gave Up"),
                    ("restored", "Restored"),
                ],
                max_length=20,
            ),
        ),
    ]
