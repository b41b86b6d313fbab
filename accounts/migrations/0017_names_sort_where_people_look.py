from __future__ import annotations

from typing import Any

from django.db import migrations

from accounts.migrations._sort_names import earlier_sort_key, recompute, sort_key

MODELS = ("Customer", "Reseller", "User", "DirectoryGroup", "OrgUnit")
# The constraint of before wants one key for each unit below the same one.
KEEP_APART = """
UPDATE accounts_orgunit u SET sort_name = left(u.sort_name, 170) || ' ' || u.id
FROM (
    SELECT id, row_number() OVER (PARTITION BY parent_id, sort_name ORDER BY id) AS number FROM accounts_orgunit
) numbered
WHERE numbered.id = u.id AND numbered.number > 1;
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    for name in MODELS:
        recompute(apps.get_model("accounts", name), sort_key)


def backwards(apps: Any, schema_editor: Any) -> None:
    for name in MODELS:
        recompute(apps.get_model("accounts", name), earlier_sort_key)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_names_and_domains")]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, KEEP_APART),
        migrations.RunPython(forwards, backwards),
    ]
