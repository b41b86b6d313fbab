from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    # Columns without a default: only the catalogue hears of them, and events of before have none for good (A2).
    dependencies = [("accounts", "0050_machines_enter_consoles")]

    operations = [
        migrations.AddField(model_name="auditevent", name="client_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(
            model_name="auditevent", name="client_name", field=models.CharField(max_length=100, null=True)
        ),
    ]
