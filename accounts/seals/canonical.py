"""How an event is written to be hashed: docs/audit-seals.md has the form for those who check it without us.

A form never changes. A release that gives events another column, which is to be sealed, adds a form; a seal says which
one its events are written in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from accounts.seals.merkle import LEAF

# Of which kind the columns of form 1 are, in their order. Behind `transaction` and `id`, which have none.
_TEXT, _NUMBER, _VALUE, _MOMENT, _ADDRESS = "text", "number", "value", "moment", "address"
_FORM_1: Final = (
    ("at", _MOMENT),
    ("name", _TEXT),
    ("actor_kind", _TEXT),
    ("actor_id", _NUMBER),
    ("actor_email", _TEXT),
    ("actor_organisation", _TEXT),
    ("actor_reseller_id", _NUMBER),
    ("on_behalf_of", _TEXT),
    ("customer_id", _NUMBER),
    ("subject", _TEXT),
    ("target_kind", _TEXT),
    ("target_id", _NUMBER),
    ("access_change_id", _NUMBER),
    ("console_session_id", _NUMBER),
    ("activation_id", _NUMBER),
    ("old_value", _VALUE),
    ("new_value", _VALUE),
    ("ip_address", _ADDRESS),
)
# Events name the machine that acted for the actor (X1). Those of before have none, and are the same in both forms but
# for the number.
_FORM_2: Final = (*_FORM_1, ("client_id", _NUMBER), ("client_name", _TEXT))
_WRITTEN: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        _TEXT: lambda column: f"to_json({column})::text",
        _NUMBER: lambda column: f"{column}::text",
        _VALUE: lambda column: f"{column}::text",
        # ISO 8601 in UTC, whatever the session's time zone and style are.
        _MOMENT: lambda column: f"to_json({column} AT TIME ZONE 'UTC')::text",
        _ADDRESS: lambda column: f"to_json({column}::text)::text",
    }
)


def _sql(form: int, columns: tuple[tuple[str, str], ...]) -> str:
    parts = [f"""'{{"v":{form},"transaction":' || coalesce(e.transaction::text, '0') || ',"id":' || e.id::text"""]
    for column, kind in columns:
        # What is empty is left out: a value may be the null of JSON.
        parts.append(f"""coalesce(',"{column}":' || {_WRITTEN[kind](f"e.{column}")}, '')""")
    return " || ".join([*parts, "'}'"])


# The SQL that writes an event `e`, by the number of the form.
FORMS: Final[Mapping[int, str]] = MappingProxyType({1: _sql(1, _FORM_1), 2: _sql(2, _FORM_2)})
# In which form events are sealed from now on.
FORM: Final = max(FORMS)


def record_sql(form: int) -> str:
    """Return the SQL of the record of an event `e` (accounts/seals/records.py)."""
    return (
        "coalesce(xid8send(e.transaction), int8send(0)) || int8send(e.id) || timestamptz_send(e.at)"
        f" || sha256('\\x{LEAF.hex()}'::bytea || convert_to({FORMS[form]}, 'UTF8'))"
    )


def elsewhere(canonical: str, form: int, transaction: int, number: int) -> str:
    """Return the same event as it would be written in another one's place: to find out which two were exchanged."""
    beginning, _comma, rest = canonical.partition(',"at":')
    assert beginning.startswith(f'{{"v":{form},"transaction":')
    return f'{{"v":{form},"transaction":{transaction},"id":{number},"at":{rest}'
