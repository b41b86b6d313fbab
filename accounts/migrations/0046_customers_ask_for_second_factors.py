from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    # By itself: a table more in one transaction is a table more that people at work wait for.
    dependencies = [("accounts", "0045_operators_find_events_and_resellers")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="asks_for_second_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
