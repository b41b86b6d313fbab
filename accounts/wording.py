"""How pieces of text are joined where no sentence holds them: languages differ in the space before a colon."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _


def labelled(label: str | Promise, value: object) -> str:
    """Return "Status: Active", or "État : Actif"."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}
