from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0010_a_grant_says_what_it_stands_on")]

    operations = [
        migrations.AddField(
            "transfertoken",
            "products",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=100), default=list, db_default=[]),
        ),
    ]
