from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0002_mail_is_sent_for_the_whole_product")]

    operations = [
        migrations.AddIndex("attachment", models.Index("uploaded_at", name="attachments_of_a_day")),
    ]
