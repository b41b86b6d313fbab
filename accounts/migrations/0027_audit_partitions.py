from __future__ import annotations

from django.db import migrations, models

from accounts.migrations._audit_partitions import make_plain, partition


class Migration(migrations.Migration):
    # Indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [("accounts", "0026_search_finds_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(partition, make_plain)],
            state_operations=[
                migrations.CreateModel(
                    name="EventOfChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("access_change_id", models.BigIntegerField()),
                        ("name", models.CharField(max_length=40)),
                    ],
                    options={
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("access_change_id", "name"), name="change_has_each_event_once"
                            ),
                        ],
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="auditevent",
                    name="access_change_has_each_event_once",
                ),
                migrations.RemoveIndex(
                    model_name="auditevent",
                    name="trail_of_a_customer",
                ),
                migrations.RemoveIndex(
                    model_name="auditevent",
                    name="trail_of_a_reseller",
                ),
                migrations.RemoveIndex(
                    model_name="auditevent",
                    name="trail_of_an_agent",
                ),
                migrations.AddField(
                    model_name="auditevent",
                    name="target_id",
                    field=models.BigIntegerField(null=True),
                ),
                migrations.AddField(
                    model_name="auditevent",
                    name="target_kind",
                    field=models.CharField(
                        choices=[
                            ("customer", "Organisation"),
                            ("reseller", "Reseller"),
                            ("user", "User"),
                            ("group", "Group"),
                            ("org_unit", "Organisational unit"),
                            ("device", "Device"),
                            ("job", "File or bulk change"),
                            ("subscription", "Subscription"),
                            ("request", "Request for access"),
                            ("review", "Review of access"),
                            ("proposal", "Proposal"),
                            ("partner", "Support partner"),
                            ("case", "Case"),
                            ("team", "Team"),
                        ],
                        max_length=12,
                        null=True,
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("subject"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("customer_id__isnull", False)),
                        name="events_of_customer_by_subject",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("customer_id__isnull", False)),
                        name="events_of_customer",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("name"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("customer_id__isnull", False)),
                        name="events_of_customer_named",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("actor_email"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("customer_id__isnull", False)),
                        name="events_of_customer_by_actor",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("ip_address"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("customer_id__isnull", False), ("ip_address__isnull", False)),
                        name="events_of_customer_by_ip",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("actor_reseller_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("actor_reseller_id__isnull", False), ("customer_id__isnull", False)),
                        name="events_of_customer_by_reseller",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("customer_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(
                            ("actor_kind__in", ("reseller", "partner", "vendor")), ("customer_id__isnull", False)
                        ),
                        name="events_from_outside",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("target_kind"),
                        models.F("target_id"),
                        models.F("customer_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("target_id__isnull", False)),
                        name="events_of_object",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("console_session_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("console_session_id__isnull", False)),
                        name="events_of_visit",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("activation_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("activation_id__isnull", False)),
                        name="events_of_activation",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("actor_reseller_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("actor_reseller_id__isnull", False)),
                        name="events_of_reseller",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("actor_reseller_id"),
                        models.F("name"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("actor_reseller_id__isnull", False)),
                        name="events_of_reseller_named",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("actor_id"),
                        models.F("at"),
                        models.F("id"),
                        condition=models.Q(("actor_reseller_id__isnull", False)),
                        name="events_of_agent",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        models.F("access_change_id"),
                        condition=models.Q(("access_change_id__isnull", False)),
                        name="events_of_access_change",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="auditevent",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("target_id__isnull", True), ("target_kind__isnull", True)),
                            models.Q(("target_id__isnull", False), ("target_kind__isnull", False)),
                            _connector="OR",
                        ),
                        name="event_target_is_whole",
                    ),
                ),
            ],
        )
    ]
