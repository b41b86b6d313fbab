from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOW_SOON = [("at_once", "At once"), ("daily", "Once a day"), ("never", "Never")]
TOPICS = [
    ("access", "Reseller access"),
    ("admins", "Super admins"),
    ("subscriptions", "Orders and transfers"),
    ("support", "Support partners and contracts"),
    ("cases", "New cases"),
    ("work", "Customers you work for"),
    ("account", "Your account"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_the_record_of_a_visit"),
    ]

    operations = [
        migrations.CreateModel(
            name="UntoldEvent",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("about_id", models.BigIntegerField(null=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="NoticePreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(choices=TOPICS, max_length=14)),
                ("how_soon", models.CharField(choices=HOW_SOON, max_length=8)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=["person", "topic"], name="person_chooses_once_for_each_topic"),
                    models.CheckConstraint(
                        condition=models.Q(("how_soon__in", ["at_once", "daily", "never"])),
                        name="choice_how_soon_is_known",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("console_entered", "A console was entered"),
                    ("event", "Something happened"),
                    ("reminder", "Something ends soon"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="event",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="accounts.auditevent",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="about_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="audience",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="notification",
            name="moment",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="days_before",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="said",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="mailing",
            field=models.CharField(blank=True, choices=HOW_SOON, db_default="", max_length=8),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(fields=["event", "recipient"], name="person_is_told_of_an_event_once"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "reminder")),
                fields=("about_id", "moment", "days_before", "recipient"),
                name="person_is_reminded_of_an_end_once",
            ),
        ),
        migrations.RemoveIndex(
            model_name="notification",
            name="unread_notifications",
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                "recipient", "id", name="unread_notifications", condition=models.Q(("read_at__isnull", True))
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                "mail_id", name="notifications_of_a_mail", condition=models.Q(("mail_id__isnull", False))
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                "recipient",
                "created_at",
                name="notifications_for_a_digest",
                condition=models.Q(("mail_id__isnull", True), ("mailing", "daily"), ("read_at__isnull", True)),
            ),
        ),
    ]
