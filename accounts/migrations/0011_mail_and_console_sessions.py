import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_purged_people_and_the_list_of_users"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("about_id", models.BigIntegerField(null=True)),
                ("once", models.BooleanField(default=False)),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("next_attempt_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "dropped_because",
                    models.CharField(
                        blank=True,
                        choices=[("not_for_them", "Not For Them"), ("refused", "Refused"), ("gave_up", "Gave Up")],
                        max_length=20,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("next_attempt_at"),
                        condition=models.Q(("dropped_because", ""), ("sent_at__isnull", True)),
                        name="mails_to_send",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("once", True)),
                        fields=("kind", "about_id", "recipient"),
                        name="one_mail_per_event_and_recipient",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at__isnull", True), ("dropped_because", ""), _connector="OR"),
                        name="mail_is_sent_or_dropped_not_both",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="consolesession",
            name="as_support_partner",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="consolesession",
            name="ip_address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                models.F("actor_id"),
                models.F("id"),
                condition=models.Q(("actor_reseller_id__isnull", False)),
                name="trail_of_an_agent",
            ),
        ),
    ]
