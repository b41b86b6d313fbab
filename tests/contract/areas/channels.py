"""Channels of the Reports API (X5): they have no page; the audit log says who opened one."""

from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    table="",
    scope_tests={
        "accounts.ActivityChannel": (
            "tests/api/reports/test_channels.py",
            "test_a_channel_is_stopped_by_the_person_who_began_it_and_nobody_else",
        ),
    },
    verb_modules=("accounts.webhooks.channels",),
    no_verbs={"accounts.webhooks.channels.end_channel": "nothing is decided: its time has come, or its right is gone"},
)
