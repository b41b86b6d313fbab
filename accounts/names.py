"""How names are ordered and searched, the same in every language and on every page."""

from __future__ import annotations

import unicodedata

from django.db.models import Q


def sort_key(name: str) -> str:
    """Return `name` without case, accents and surplus spaces, as it is stored for order and search.

    The embedded PostgreSQL has no ICU collations, so the key is made here and stored beside the name.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def named(text: str, of: str = "") -> Q:
    """Return the condition that a text is a part of a name or of an address, in any case, with or without accents.

    of: whose, as a relation from the rows ("user__").
    """
    return Q(**{f"{of}sort_name__contains": sort_key(text)}) | Q(**{f"{of}email__contains": text.strip().lower()})
