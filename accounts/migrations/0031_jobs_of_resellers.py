from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0030_more_kinds_of_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="reseller",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="accounts.reseller"
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="customer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="accounts.customer"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                models.F("reseller"),
                models.F("id"),
                condition=models.Q(("reseller__isnull", False)),
                name="jobs_of_reseller",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer__isnull", False), ("reseller__isnull", True)),
                    models.Q(("customer__isnull", True), ("reseller__isnull", False)),
                    _connector="OR",
                ),
                name="job_belongs_to_a_customer_or_a_reseller",
            ),
        ),
        # Taken back it deletes the jobs of resellers: the release before has no place for them. Their events stay.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "DELETE FROM accounts_jobline WHERE job_id IN (SELECT id FROM accounts_job WHERE customer_id IS NULL);"
            "DELETE FROM accounts_job WHERE customer_id IS NULL; SET CONSTRAINTS ALL IMMEDIATE",
        ),
    ]
