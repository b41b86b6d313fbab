from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0049_machines")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="admits_machines",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="consolesession",
            name="client",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="accounts.serviceaccount",
            ),
        ),
    ]
