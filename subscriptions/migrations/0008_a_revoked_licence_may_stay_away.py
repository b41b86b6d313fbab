from __future__ import annotations

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0007_years_of_a_commitment_are_calendar_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="licence",
            name="stays_away",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="licence",
            index=models.Index(
                models.F("subscription"),
                models.F("user"),
                condition=Q(("stays_away", True)),
                name="licences_that_stay_away",
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                condition=Q(("stays_away", False), ("revoked_at__isnull", False), _connector="OR"),
                name="only_revoked_licences_stay_away",
            ),
        ),
    ]
