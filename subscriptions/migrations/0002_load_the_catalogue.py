from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from subscriptions.catalogue import load_catalogue


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    load_catalogue(apps.get_model("subscriptions", "Product"), apps.get_model("subscriptions", "Sku"))


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_catalogue_subscriptions_and_grants")]

    # Backwards nothing is removed: subscriptions may refer to the products.
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
