"""What lists say about a change, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models.targets import TargetKind
from accounts.names import isolated
from web.audit.lines import Line
from web.audit.words import Difference
from web.lists import cells


def named(about: str) -> str:
    """Return what an object is called that has no name, such as a bulk change: its kind and number."""
    kind, _colon, number = about.partition(":")
    return f"{TargetKind(kind).label} {number}" if number else ""


def actor(line: Line) -> cells.Html:
    """Return who did it, and with which machine, where one did it for them (X1)."""
    name = cells.name(line.actor)
    return cells.lines([name, machine(line)]) if line.machine else name


def machine(line: Line) -> SafeString:
    """Return with which machine it was done."""
    return cells.sub(cells.safe(_("Machine %(name)s") % {"name": isolated(line.machine)}))


def changes(differences: Iterable[Difference]) -> cells.Html:
    """Return a line for each value, before and after."""
    return changes_of_page()(differences)


def changes_of_page() -> Callable[[Iterable[Difference]], cells.Html]:
    """Return what does this for each row of a page, with its words looked up once."""
    arrow, labelled = cells.arrow(_("changed to")), _("%(label)s:")

    def changed(difference: Difference) -> str:
        old = f"{cells.name(difference.old)} {arrow} " if difference.old else ""
        label = cells.safe(labelled % {"label": difference.label}) + " " if difference.label else ""
        return f"<div>{label}{old}{cells.name(difference.new)}</div>"

    return lambda differences: SafeString("".join(map(changed, differences)))
