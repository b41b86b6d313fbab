"""What each application adds to a subject that several share; imported by `settings.py`."""

from __future__ import annotations

# Who writes the mails that wait in rows: dictionaries of writers by kind (accounts/mail/writing.py).
MAIL_WRITERS = [
    "accounts.mail.mails.WRITERS",
    "accounts.notifications.mails.WRITERS",
    "accounts.sign_in.factor_mails.WRITERS",
    "accounts.two_people.mails.WRITERS",
    "subscriptions.mails.WRITERS",
    "support.mails.WRITERS",
]
# R25: whom the table of notices names: dictionaries of SQL by audience (accounts/notifications/audiences.py).
NOTICE_AUDIENCES = [
    "accounts.notifications.audiences.AUDIENCES",
    "subscriptions.audiences.AUDIENCES",
    "support.audiences.AUDIENCES",
]
# X6: who writes the messages of webhooks: dictionaries of writers by kind (accounts/webhooks/queueing.py).
WEBHOOK_WRITERS = [
    "accounts.webhooks.messages.WRITERS",
    "api.reports.messages.WRITERS",
    "subscriptions.notifying.WRITERS",
]
# X6: which resellers a customer's decision is about: dictionaries of SQL by event (accounts/event_rows.py).
WEBHOOK_HEARERS = ["subscriptions.audiences.HEARERS"]
# R22: what can stand in a review, in the order in which it is removed: a contract may take its console along.
REVIEW_KINDS = [
    "support.reviewing.KINDS",
    "subscriptions.reviews.grants.KINDS",
    "subscriptions.reviews.machines.KINDS",
    "subscriptions.reviews.staffing.KINDS",
]
# R21: what can wait for a second super admin: dictionaries of kinds (accounts/two_people/kinds.py).
PROPOSAL_KINDS = [
    "accounts.two_people.rule.KINDS",
    "accounts.directory.proposals.KINDS",
    "accounts.sign_in.lost_factor.KINDS",
    "subscriptions.proposals.KINDS",
]
