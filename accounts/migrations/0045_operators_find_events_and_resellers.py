from __future__ import annotations

from django.db import migrations, models

from accounts.migrations._event_indexes import build_event_index
from accounts.migrations._indexes import BuildIndex

_OF_VENDOR = models.Q(actor_kind="vendor")


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [("accounts", "0044_people_by_end_of_grace")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                build_event_index("events_by_time", "(at, id)"),
                build_event_index("events_by_name", "(name, at, id)"),
                build_event_index("events_of_vendor", "(at, id) WHERE actor_kind = 'vendor'"),
            ],
            state_operations=[
                migrations.AddIndex("auditevent", models.Index("at", "id", name="events_by_time")),
                migrations.AddIndex("auditevent", models.Index("name", "at", "id", name="events_by_name")),
                migrations.AddIndex(
                    "auditevent", models.Index("at", "id", name="events_of_vendor", condition=_OF_VENDOR)
                ),
            ],
        ),
        BuildIndex("reseller", models.Index("sort_name", "id", name="resellers_by_name")),
        BuildIndex(
            "reseller",
            models.Index("sort_name", "id", name="suspended_resellers", condition=models.Q(suspended_at__isnull=False)),
        ),
    ]
