from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0008_open_cases_have_due_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="contact_email",
            field=models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
        migrations.AddField(
            model_name="case",
            name="test_case",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="caseevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("filed", "Case filed"),
                    ("commented", "Comment"),
                    ("state_changed", "Status changed"),
                    ("assigned", "Assigned at vendor support"),
                    ("priority_changed", "Priority changed"),
                    ("title_changed", "Title changed"),
                    ("escalated", "Escalated"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                    ("attached", "File attached"),
                    ("rated", "Satisfaction given"),
                    ("subscribers_changed", "Subscribers changed"),
                ],
                max_length=20,
            ),
        ),
    ]
