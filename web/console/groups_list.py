"""The columns of the list of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer, DirectoryGroup
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words

# A group with `members_in`, and the URL of its page.
Row = tuple[Any, str]

_COLUMNS = (
    Column[Row]("name", gettext_lazy("Group"), lambda row: cells.link(row[1], cells.name(row[0].name)), is_text=True),
    Column[Row]("email", gettext_lazy("E-mail address"), lambda row: cells.email(row[0].email), is_text=True),
    Column[Row](
        "description", gettext_lazy("Description"), lambda row: row[0].description or cells.NOTHING, is_text=True
    ),
    Column[Row](
        "members",
        gettext_lazy("Members"),
        lambda row: cells.number(row[0].members_in),
        is_number=True,
    ),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s group", "%(number)s groups", number) % {"number": cells.number(number)}


def all_groups(number: str) -> str:
    """Return the words for all that the filter finds."""
    return _("Select all %(number)s groups") % {"number": number}


_WORDS = Words(
    name=gettext_lazy("Groups"),
    search=gettext_lazy("Search groups"),
    counted=_counted,
    none_found=gettext_lazy("No group matches this search"),
    none_found_text=gettext_lazy("Search for a part of the name or of the address."),
    none=gettext_lazy("No groups yet"),
    none_text=gettext_lazy(
        "A group has an address of its own: mail to it reaches all of its members. Create one for a team or a project."
    ),
    icon="users-round",
)

GROUPS = Kind("groups", _WORDS, _COLUMNS)


def rows_of(groups: list[DirectoryGroup], customer: Customer) -> list[Row]:
    """Return the rows of a page."""
    url: Callable[[int], str] = cells.urls("group", "group_id", domain=customer.primary_domain)
    return [(group, url(group.pk)) for group in groups]
