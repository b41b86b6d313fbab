from __future__ import annotations

from django.db import migrations, models

# Until now a term had 365 days, so that one that ends on 28 February may have begun on the 29th. The end that was
# promised stays; the next ones are counted from this beginning.
COUNT_FROM_THE_PRESENT_TERM = """
    UPDATE subscriptions_subscription SET committed_at = CASE
        WHEN to_char(ends_at AT TIME ZONE 'UTC' - interval '365 days', 'MM-DD') = '02-29'
        THEN (ends_at AT TIME ZONE 'UTC' - interval '365 days') AT TIME ZONE 'UTC'
        ELSE (ends_at AT TIME ZONE 'UTC' - interval '1 year') AT TIME ZONE 'UTC' END
    WHERE plan IN ('ANNUAL_MONTHLY_PAY', 'ANNUAL_YEARLY_PAY') AND ends_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0006_home_pages_find_what_ends"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="committed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(COUNT_FROM_THE_PRESENT_TERM, migrations.RunSQL.noop),
    ]
