from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    # By itself: a table more in one transaction is a table more that people at work wait for.
    dependencies = [("accounts", "0046_customers_ask_for_second_factors")]

    operations = [
        migrations.AddField(
            model_name="consolesession",
            name="second_factor",
            field=models.CharField(blank=True, db_default="unknown", default="", max_length=13),
        ),
    ]
