from __future__ import annotations

from typing import Any

from django.db import migrations

from accounts.migrations._sort_names import earlier_sort_key, recompute, sort_key


def forwards(apps: Any, schema_editor: Any) -> None:
    grants = apps.get_model("subscriptions", "AccessGrant")
    recompute(grants, sort_key, "customer_name", "customer_sort_name")


def backwards(apps: Any, schema_editor: Any) -> None:
    grants = apps.get_model("subscriptions", "AccessGrant")
    recompute(grants, earlier_sort_key, "customer_name", "customer_sort_name")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_names_sort_where_people_look"),
        ("subscriptions", "0008_a_revoked_licence_may_stay_away"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
