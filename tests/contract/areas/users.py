from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "accounts.Address": "no page shows it yet",
    },
    verb_modules=("accounts.passwords", "accounts.renaming", "accounts.deleting", "subscriptions.leaving"),
    no_verbs={
        "accounts.passwords.temporary_password": "a word, given to nobody yet",
        "accounts.passwords.set_first_password": "part of create_user, which has the actor and writes the event",
    },
)
