from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0003_staffing_ends_with_its_relation")]

    operations = [
        migrations.AddIndex("attachment", models.Index("uploaded_at", name="attachments_of_a_day")),
    ]
