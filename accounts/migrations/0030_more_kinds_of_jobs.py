from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0028_a_team_works_for_all_customers")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("import_users", "Users from a CSV file"),
                    ("change_users", "Change of several users"),
                    ("import_devices", "Devices from a CSV file"),
                    ("change_devices", "Change of several devices"),
                    ("change_groups", "Change of several groups"),
                    ("change_customers", "Change of several customers"),
                ],
                max_length=20,
            ),
        ),
    ]
