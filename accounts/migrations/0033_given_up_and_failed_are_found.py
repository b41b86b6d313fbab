from __future__ import annotations

from django.db import migrations, models

from accounts.migrations._indexes import BuildIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0032_lists_are_shown_as_chosen"),
    ]

    operations = [
        BuildIndex(
            model_name="job",
            index=models.Index(
                models.F("finished_at"),
                condition=models.Q(("attempts__gt", 0), ("status", "failed")),
                name="jobs_failed",
            ),
        ),
        BuildIndex(
            model_name="mail",
            index=models.Index(
                models.F("queued_at"), condition=models.Q(("dropped_because", "gave_up")), name="mails_given_up"
            ),
        ),
    ]
