"""The columns of the lists of cases: in a customer's console, at a partner's desk, and at vendor support."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.names import isolated
from accounts.wording import labelled
from support.models.case import State
from support.models.partner import Service
from web.cases.area import Area, Row
from web.cases.filters import BY_DUE_TIME, BY_PRIORITY, DUE_LAST, PRIORITY_LAST, state_label
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import NEWEST, OLDEST
from web.lists.listing import Kind, Words

_CHIPS = {
    State.NEW: "pending",
    State.IN_PROGRESS_GOOGLE_SUPPORT: "opening",
    State.ACTION_REQUIRED: "closing",
    State.SOLUTION_PROVIDED: "open",
}


def _case(row: Row) -> cells.Html:
    number = cells.sub(f"#{row.case.pk}")
    test = [cells.chip("plain", _("Test case"))] if row.case.test_case else []
    return cells.lines([number, cells.link(row.url, cells.name(row.case.title)), *test])


def _priority(row: Row) -> cells.Html:
    return cells.with_sub(row.case.priority, _("Escalated") if row.case.escalated_at else "")


def _filed_by(row: Row) -> cells.Html:
    reseller = row.case.filed_by_reseller
    return cells.with_sub(cells.name(row.case.filed_by.name), cells.name(reseller.name) if reseller else "")


def _due(row: Row) -> cells.Html:
    """Say by when vendor support answers, and whether that is late by the database's clock (S13)."""
    if row.case.due_at is None:
        return cells.NOTHING
    late = cells.chip("closing", _("Late")) if getattr(row.case, "is_late", False) else ""
    return cells.lines([cells.day(row.case.due_at), late])


_CASE = Column[Row]("case", gettext_lazy("Case"), _case, up=OLDEST, down=NEWEST, is_long=True)
_CUSTOMER = Column[Row](
    "customer", gettext_lazy("Customer"), lambda row: cells.name(row.case.customer.name), is_text=True
)
_PRIORITY = Column[Row](
    "priority", gettext_lazy("Priority"), _priority, up=BY_PRIORITY, down=PRIORITY_LAST, is_wrapped=True
)
_DUE = Column[Row]("due", gettext_lazy("Answer due"), _due, up=BY_DUE_TIME, down=DUE_LAST, is_wrapped=True)


def _service(row: Row) -> cells.Html:
    return str(Service(row.case.service).label)


def _columns(area: Area, token: str) -> list[Column[Row]]:
    def status(row: Row) -> cells.Html:
        label = state_label(row.case.state, vendor=area.is_vendor)
        return cells.chip(_CHIPS.get(State(row.case.state), "closed"), label)

    def assigned(row: Row) -> cells.Html:
        """Name the colleague who has a case; one that nobody has can be taken with one click."""
        if colleague := getattr(row.case, "at_desk", None):
            return cells.name(colleague)
        if not row.may_take:
            return cells.NOTHING
        label = _("Take it")
        button = cells.button(label, label=labelled(label, isolated(row.case.title)), value="verb=take")
        return cells.post(row.url, token, button)

    first = [_CASE] if area.is_console else [_CASE, _CUSTOMER]
    last = [] if area.is_console else [Column[Row]("assigned", gettext_lazy("Assigned to"), assigned)]
    return [
        *first,
        Column("service", gettext_lazy("Service"), _service, is_text=True, is_shown=False),
        Column("status", gettext_lazy("Status"), status, is_long=True),
        _PRIORITY,
        Column("filed_by", gettext_lazy("Filed by"), _filed_by, is_text=True, is_shown=area.is_console),
        _DUE,
        *last,
        Column(
            "changed",
            gettext_lazy("Last change"),
            lambda row: cells.day(row.case.updated_at),
            is_shown=area.is_console,
        ),
    ]


def _counted(number: int) -> str:
    return ngettext("%(number)s case", "%(number)s cases", number) % {"number": cells.number(number)}


def cases_list(area: Area, token: str) -> Kind[Row]:
    """Return the list as this reader sees it. token: of the page, against forged requests."""
    none_text = (
        gettext_lazy("A case is a request to support. File one, and follow here what becomes of it.")
        if area.is_console
        else gettext_lazy("Cases of the customers you support are listed here.")
    )
    words = Words(
        name=gettext_lazy("Cases"),
        search=gettext_lazy("Search cases"),
        counted=_counted,
        none_found=gettext_lazy("No case matches this search"),
        none_found_text=gettext_lazy("Search for a part of the title, or choose other filters."),
        none=gettext_lazy("No cases yet"),
        none_text=none_text,
        icon="life-buoy",
    )
    return Kind(f"{area.prefix}cases", words, _columns(area, token))
