from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_mail_is_dropped_for_more_reasons"),
        ("subscriptions", "0012_a_restored_backup_closes_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesschange",
            name="ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="gives",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="level",
            field=models.CharField(
                choices=[
                    ("cases", "Support cases only"),
                    ("view", "View only"),
                    ("help_desk", "Help desk"),
                    ("licences", "Licences"),
                    ("directory", "Directory"),
                    ("full", "Everything"),
                ],
                db_default="full",
                default="full",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="effective_ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="effective_level",
            field=models.CharField(
                choices=[
                    ("cases", "Support cases only"),
                    ("view", "View only"),
                    ("help_desk", "Help desk"),
                    ("licences", "Licences"),
                    ("directory", "Directory"),
                    ("full", "Everything"),
                ],
                db_default="full",
                default="full",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="level",
            field=models.CharField(
                choices=[
                    ("cases", "Support cases only"),
                    ("view", "View only"),
                    ("help_desk", "Help desk"),
                    ("licences", "Licences"),
                    ("directory", "Directory"),
                    ("full", "Everything"),
                ],
                db_default="full",
                default="full",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="narrow_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("cases", "Support cases only"),
                    ("view", "View only"),
                    ("help_desk", "Help desk"),
                    ("licences", "Licences"),
                    ("directory", "Directory"),
                    ("full", "Everything"),
                ],
                db_default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="narrows_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="accesschange",
            name="failure_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("reseller_suspended", "The reseller is suspended."),
                    ("gave_up", "Our system tried several times without success."),
                    ("end_passed", "Its end came before it could be given."),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="accesschange",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("applied", "In effect"),
                    ("superseded", "Superseded"),
                    ("failed", "Failed"),
                    ("ended", "Ended"),
                ],
                max_length=10,
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="accessgrant",
            index=models.Index(
                models.F("ends_at"),
                condition=models.Q(("allowed", True), ("ends_at__isnull", False)),
                name="ends_to_come",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("subscription__isnull", True),
                    models.Q(
                        ("effective_level", "full"),
                        ("ends_at__isnull", True),
                        ("level", "full"),
                        ("narrows_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="subscription_has_neither_level_nor_end",
            ),
        ),
    ]
