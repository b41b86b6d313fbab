from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0004_contracts_have_a_switch")]

    operations = [
        migrations.AddIndex("attachment", models.Index("uploaded_at", name="attachments_of_a_day")),
    ]
