"""Cases among the results of a search."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from support.models import Case
from web.cases.area import Area
from web.cases.filters import state_label
from web.search.results import Asked, Group, Result, group


def case_group(asked: Asked, area: Area, cases: Sequence[Case]) -> Group:
    """Return the group of cases that were found; outside a console each says of which customer it is."""

    def line(case: Case) -> Result:
        state = str(state_label(case.state, vendor=area.is_vendor))
        whose = [] if area.is_console else [case.customer.name]
        return Result(case.title, area.url("case", case_id=case.pk), " · ".join([f"#{case.pk}", state, *whose]))

    return group(asked, "cases", _("Cases"), "life-buoy", cases, line, list_url=area.list_url)
