"""The mails about support. Whether someone may still get one, and its words: support/mails.py."""

from __future__ import annotations

from enum import StrEnum


class MailKind(StrEnum):
    """What a mail says; its words are templates in templates/mail/."""

    CASE_CHANGED = "case_changed"
    VERIFY_ASSIGNMENT = "verify_assignment"
    ASSIGNMENT_DECIDED = "assignment_decided"
    CARE_MIGRATION_ANNOUNCED = "care_migration_announced"
    CARE_MIGRATION_DONE = "care_migration_done"
