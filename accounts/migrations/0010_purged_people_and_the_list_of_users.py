from datetime import UTC, datetime

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_no_row_points_to_another_customer"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="user",
            name="people_of_customer",
        ),
        migrations.AddField(
            model_name="user",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                models.F("customer"),
                models.F("sort_name"),
                models.F("id"),
                condition=models.Q(
                    ("customer__isnull", False), ("deleted_at__isnull", True), ("purged_at__isnull", True)
                ),
                name="people_of_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                models.F("customer"),
                django.db.models.functions.comparison.Coalesce(
                    "last_login", models.Value(datetime(1970, 1, 1, tzinfo=UTC))
                ),
                models.F("id"),
                condition=models.Q(
                    ("customer__isnull", False), ("deleted_at__isnull", True), ("purged_at__isnull", True)
                ),
                name="people_by_last_sign_in",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                models.F("customer"),
                models.F("sort_name"),
                models.F("id"),
                condition=models.Q(("deleted_at__isnull", False), ("purged_at__isnull", True)),
                name="deleted_people_of_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("purged_at__isnull", True), ("deleted_at__isnull", False), _connector="OR"),
                name="purged_person_is_deleted",
            ),
        ),
    ]
