"""Signing in, as the audit log has it (P14)."""

from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    scope_tests={"accounts.FailedSignIns": ("tests/accounts/test_sign_in_events.py", "nobody_else_does")},
    verb_modules=("accounts.sign_in.events",),
    no_verbs={
        "accounts.sign_in.events.count_failed_sign_in": "nobody is known who does it; see settle_failed_sign_ins",
        "accounts.sign_in.events.failures_at_unknown_addresses": "a question",
        "accounts.sign_in.events.network_of": "a piece of text",
    },
)
