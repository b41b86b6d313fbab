"""The columns of a reseller's activity: what its own people did (A4)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models.targets import TargetKind
from web.audit.cells import actor, changes, named
from web.audit.lines import Line
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words


def _counted(number: int) -> str:
    """The log is not counted: it has millions of events."""
    return ""


def _about(line: Line) -> cells.Html:
    """Name the object; a job of the reseller's own pages, which stands at no customer, is a link."""
    name = cells.name(line.subject or named(line.about))
    kind, _colon, number = line.about.partition(":")
    if kind != TargetKind.JOB or line.where:
        return name
    return cells.link(reverse("reseller_job", kwargs={"job_id": int(number)}), name)


ACTIVITY = Kind(
    "activity",
    Words(
        name=gettext_lazy("Events"),
        search=gettext_lazy("Search events"),
        counted=_counted,
        none_found=gettext_lazy("No event matches this search"),
        none_found_text=gettext_lazy("Choose a longer period, or clear the search."),
        none=gettext_lazy("Nothing has happened yet"),
        none_text=gettext_lazy("Each console that your people enter, and each change they make, will be listed here."),
        icon="activity",
    ),
    (
        Column[Line]("time", gettext_lazy("Time"), lambda line: cells.exact_moment(line.at)),
        Column[Line]("event", gettext_lazy("Event"), lambda line: line.event, is_long=True),
        Column[Line]("about", gettext_lazy("About"), _about, is_long=True),
        Column[Line]("customer", gettext_lazy("Customer"), lambda line: cells.name(line.where), is_text=True),
        Column[Line]("actor", gettext_lazy("Actor"), actor, is_long=True),
        Column[Line]("change", gettext_lazy("Change"), lambda line: changes(line.differences), is_long=True),
        Column[Line]("ip", gettext_lazy("IP address"), lambda line: line.ip_address or cells.NOTHING, is_shown=False),
    ),
)
