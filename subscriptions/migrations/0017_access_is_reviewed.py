from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


# R22: what was decided stays decided, and a result never changes, not even by SQL.
FORWARDS = """
CREATE FUNCTION review_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.finished_at IS NOT NULL THEN
        RAISE EXCEPTION 'a review stays as it is: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION review_line_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.decision <> '') OR EXISTS (
        SELECT 1 FROM subscriptions_review v WHERE v.id = NEW.review_id AND v.finished_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a review stays as it is: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER review_is_settled BEFORE UPDATE OR DELETE ON subscriptions_review
    FOR EACH ROW EXECUTE FUNCTION review_is_settled();
CREATE TRIGGER review_line_is_settled BEFORE INSERT OR UPDATE OR DELETE ON subscriptions_reviewline
    FOR EACH ROW EXECUTE FUNCTION review_line_is_settled();
"""
BACKWARDS = """
DROP TRIGGER review_line_is_settled ON subscriptions_reviewline;
DROP TRIGGER review_is_settled ON subscriptions_review;
DROP FUNCTION review_line_is_settled();
DROP FUNCTION review_is_settled();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_two_people"),
        ("subscriptions", "0016_access_is_open_on_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("begun_by_email", models.CharField(blank=True, max_length=254)),
                ("counts_from", models.DateTimeField()),
                ("deadline", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("finished_by_email", models.CharField(blank=True, max_length=254)),
                ("undecided", models.PositiveIntegerField(null=True)),
                ("result", models.JSONField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="accounts.customer",
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="accounts.reseller",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("customer"),
                        models.F("id"),
                        condition=models.Q(("customer__isnull", False)),
                        name="reviews_of_a_customer",
                    ),
                    models.Index(
                        models.F("reseller"),
                        models.F("id"),
                        condition=models.Q(("reseller__isnull", False)),
                        name="reviews_of_a_reseller",
                    ),
                    models.Index(
                        models.F("deadline"), condition=models.Q(("finished_at__isnull", True)), name="open_reviews"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("reseller__isnull", True)),
                            models.Q(("customer__isnull", True), ("reseller__isnull", False)),
                            _connector="OR",
                        ),
                        name="review_has_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("undecided__isnull", True)),
                            models.Q(("finished_at__isnull", False), ("undecided__isnull", False)),
                            _connector="OR",
                        ),
                        name="finished_review_has_a_result",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=("customer", "reseller"),
                        name="one_open_review_of_each",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("console", "Console"),
                            ("subscription", "Subscription"),
                            ("contract", "Support contract"),
                            ("agent", "Agent"),
                            ("team", "Team"),
                        ],
                        max_length=12,
                    ),
                ),
                ("about_id", models.BigIntegerField()),
                ("who", models.CharField(max_length=200)),
                ("who_address", models.CharField(blank=True, max_length=254)),
                ("what", models.CharField(max_length=200)),
                ("what_domain", models.CharField(blank=True, max_length=253)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keep", "Keep"),
                            ("narrow", "Narrow"),
                            ("remove", "Remove"),
                            ("ended", "Ended meanwhile"),
                        ],
                        max_length=6,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=1000)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by_email", models.CharField(blank=True, max_length=254)),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cases", "Support cases only"),
                            ("view", "View only"),
                            ("help_desk", "Help desk"),
                            ("licences", "Licences"),
                            ("directory", "Directory"),
                            ("full", "Everything"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "new_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cases", "Support cases only"),
                            ("view", "View only"),
                            ("help_desk", "Help desk"),
                            ("licences", "Licences"),
                            ("directory", "Directory"),
                            ("full", "Everything"),
                        ],
                        max_length=12,
                    ),
                ),
                ("new_ends_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("visits", models.PositiveIntegerField(null=True)),
                ("changes", models.PositiveIntegerField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.reseller",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="subscriptions.review",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("review"), models.F("id"), name="lines_of_a_review"),
                    models.Index(
                        models.F("review"), models.F("id"), condition=models.Q(("decision", "")), name="undecided_lines"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "kind", "about_id", "customer"), name="review_has_each_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decision", "")),
                            models.Q(models.Q(("decision", ""), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="decided_line_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["", "keep", "narrow", "remove", "ended"])),
                        name="decision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("new_level", ""), ("decision", "narrow"), _connector="OR"),
                        name="only_narrowed_line_says_what_is_left",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewSchedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("months", models.PositiveSmallIntegerField()),
                ("next_at", models.DateTimeField()),
                (
                    "customer",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_schedule",
                        to="accounts.customer",
                    ),
                ),
                (
                    "reseller",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_schedule",
                        to="accounts.reseller",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("next_at"), name="reviews_to_begin"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("reseller__isnull", True)),
                            models.Q(("customer__isnull", True), ("reseller__isnull", False)),
                            _connector="OR",
                        ),
                        name="review_schedule_has_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("months__in", (3, 6, 12))), name="review_schedule_is_one_of_three"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
