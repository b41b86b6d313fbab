"""How names are ordered and searched, the same in every language and on every page."""

from __future__ import annotations

import unicodedata


def sort_key(name: str) -> str:
    """Return `name` without case, accents and surplus spaces, as it is stored for order and search.

    The embedded PostgreSQL has no ICU collations, so the key is made here and stored beside the name.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
