from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_mail_and_console_sessions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consolesession",
            index=models.Index(models.F("reseller"), models.F("customer"), name="console_sessions_of_reseller"),
        ),
    ]
