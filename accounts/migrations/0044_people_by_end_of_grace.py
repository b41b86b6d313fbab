from __future__ import annotations

from django.db import migrations, models

from accounts.migrations._indexes import BuildIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0042_provisioning")]

    operations = [
        BuildIndex(
            model_name="user",
            index=models.Index(
                models.F("factor_due_at"),
                condition=models.Q(("factor_due_at__isnull", False)),
                name="people_by_end_of_grace",
            ),
        ),
    ]
