from __future__ import annotations

from datetime import timedelta
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_activations_open_what_is_on_request"),
        ("subscriptions", "0015_resellers_ask_for_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesschange",
            name="standing",
            field=models.CharField(
                choices=[
                    ("all", "At all times"),
                    ("cases", "Only when needed, support cases at all times"),
                    ("nothing", "Only when needed"),
                ],
                db_default="all",
                default="all",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="effective_standing",
            field=models.CharField(
                choices=[
                    ("all", "At all times"),
                    ("cases", "Only when needed, support cases at all times"),
                    ("nothing", "Only when needed"),
                ],
                db_default="all",
                default="all",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="narrow_standing",
            field=models.CharField(
                blank=True,
                choices=[
                    ("all", "At all times"),
                    ("cases", "Only when needed, support cases at all times"),
                    ("nothing", "Only when needed"),
                ],
                db_default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="standing",
            field=models.CharField(
                choices=[
                    ("all", "At all times"),
                    ("cases", "Only when needed, support cases at all times"),
                    ("nothing", "Only when needed"),
                ],
                db_default="all",
                default="all",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="accesspolicy",
            name="activation_approval",
            field=models.CharField(
                choices=[
                    ("at_once", "Nobody: it begins at once"),
                    ("reseller", "Another reseller admin of their organisation"),
                    ("customer", "A super admin of yours"),
                ],
                db_default="at_once",
                default="at_once",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="accesspolicy",
            name="activation_longest",
            field=models.DurationField(db_default=timedelta(seconds=14400), default=timedelta(seconds=14400)),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="given_standing",
            field=models.CharField(
                blank=True,
                choices=[
                    ("all", "At all times"),
                    ("cases", "Only when needed, support cases at all times"),
                    ("nothing", "Only when needed"),
                ],
                db_default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("subscription__isnull", True),
                    models.Q(("effective_standing", "all"), ("standing", "all")),
                    _connector="OR",
                ),
                name="subscription_is_not_on_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("activation_longest__gt", timedelta(0)),
                    ("activation_longest__lte", timedelta(seconds=28800)),
                ),
                name="activation_lasts_eight_hours_at_most",
            ),
        ),
    ]
