from __future__ import annotations

from django.db import migrations, models

from accounts.migrations._indexes import BuildIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("subscriptions", "0023_grants_follow_a_primary_domain")]

    operations = [
        BuildIndex(
            model_name="accesschange",
            index=models.Index(
                models.F("settled_at"), condition=models.Q(("settled_at__isnull", False)), name="settled_changes"
            ),
        ),
    ]
