from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from accounts.migrations._indexes import BuildIndex

# S13, for the cases that are open now; closed ones begin again where they are reopened. What vendor support wrote is an
# answer; a case that a customer put back to work, or reopened, runs from then.
_HOURS = {"P0": 1, "P1": 1, "P2": 4, "P3": 8, "P4": 24}
_WITHIN = " ".join(f"WHEN '{priority}' THEN interval '{hours} hours'" for priority, hours in _HOURS.items())
FILL = f"""
    UPDATE support_case c SET
        due_from = f.at,
        answered_at = f.answered_at,
        waiting_since = CASE WHEN c.state = 'ACTION_REQUIRED' THEN f.at END,
        due_at = CASE WHEN c.state IN ('NEW', 'IN_PROGRESS_GOOGLE_SUPPORT') THEN f.at + CASE c.priority
            {_WITHIN} END END
    FROM (
        SELECT k.id, min(e.at) FILTER (WHERE u.id IS NOT NULL) AS answered_at,
            greatest(k.filed_at, max(e.at) FILTER (
                WHERE u.id IS NOT NULL OR e.new = 'IN_PROGRESS_GOOGLE_SUPPORT')) AS at
        FROM support_case k
        LEFT JOIN support_caseevent e ON e.case_id = k.id
        LEFT JOIN accounts_user u ON u.id = e.by_id AND u.customer_id IS NULL AND u.reseller_id IS NULL
            AND e.kind IN ('commented', 'state_changed', 'attached')
        WHERE k.state <> 'CLOSED'
        GROUP BY k.id
    ) f
    WHERE f.id = c.id
"""  # noqa: S608  constants


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [("support", "0007_due_times_and_desks_of_partners")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        BuildIndex("case", models.Index("due_at", "id", name="due_times_of_cases", condition=Q(due_at__isnull=False))),
    ]
