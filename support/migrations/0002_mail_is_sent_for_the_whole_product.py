from __future__ import annotations

from django.db import migrations

# Everything but the id goes along. What belongs to the other packages stays where it is on the way back.
COLUMNS = "kind, recipient_id, queued_at, next_attempt_at, attempts, claimed_at, sent_at, dropped_because, error"
MAIL_COLUMNS = ", ".join(f"mail.{column}" for column in COLUMNS.split(", "))
FORWARDS = f"""
INSERT INTO accounts_mail ({COLUMNS}, about_id, once)
    SELECT {COLUMNS}, coalesce(case_event_id, assignment_id), case_event_id IS NOT NULL
    FROM support_mail ORDER BY id;
DELETE FROM support_mail;
"""  # noqa: S608  built from constants only
BACKWARDS = f"""
INSERT INTO support_mail ({COLUMNS}, case_event_id, assignment_id)
    SELECT {MAIL_COLUMNS}, event.id, assignment.id
    FROM accounts_mail mail
    LEFT JOIN support_caseevent event ON event.id = mail.about_id AND mail.kind = 'case_changed'
    LEFT JOIN support_supportassignment assignment
      ON assignment.id = mail.about_id AND mail.kind IN ('verify_assignment', 'assignment_decided')
    WHERE event.id IS NOT NULL OR assignment.id IS NOT NULL OR mail.kind LIKE 'care\\_migration\\_%'
    ORDER BY mail.id;
DELETE FROM accounts_mail
    WHERE kind IN ('case_changed', 'verify_assignment', 'assignment_decided') OR kind LIKE 'care\\_migration\\_%';
"""  # noqa: S608  built from constants only


class Migration(migrations.Migration):
    """Mail moves to accounts, so that everything there can send some (docs/decisions)."""

    dependencies = [
        ("support", "0001_partners_cases_and_mail"),
        ("accounts", "0011_mail_and_console_sessions"),
    ]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.DeleteModel("Mail"),
    ]
