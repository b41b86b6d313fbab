"""Ids of rows as forms send them: text that someone may have written."""

from __future__ import annotations

from collections.abc import Iterable

# More digits do not fit into PostgreSQL's bigint, and would be an error there instead of an id that nobody has.
_DIGITS = 18


def is_id(text: str) -> bool:
    """Tell whether a text can be the id of a row."""
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def ids_in(texts: Iterable[str]) -> set[int]:
    """Return the ids among some texts. Whose rows they are is for the scope to say."""
    return {int(text) for text in texts if is_id(text)}
