"""The columns of the list of a reseller's own people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.roles import Role
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words
from web.lists.people import LONG_AGO, NAME_DOWN, NAME_UP, RECENT, count_of_people, person_status


@dataclass(frozen=True, slots=True)
class AgentRow:
    """A person as the list shows them. teams: the URL and the name of each."""

    person: User
    url: str
    teams: list[tuple[str, str]]


def _roles(row: AgentRow) -> cells.Html:
    return cells.listed(Role(held.role).label for held in row.person.role_assignments.all())


def _teams(row: AgentRow) -> cells.Html:
    return cells.lines(cells.link(url, cells.name(name)) for url, name in row.teams) if row.teams else cells.NOTHING


_COLUMNS = (
    Column[AgentRow](
        "name",
        gettext_lazy("Name"),
        lambda row: cells.link(row.url, cells.name(row.person.name)),
        up=NAME_UP,
        down=NAME_DOWN,
    ),
    Column[AgentRow]("email", gettext_lazy("E-mail address"), lambda row: cells.email(row.person.email), is_text=True),
    Column[AgentRow]("roles", gettext_lazy("Roles"), _roles, is_text=True),
    Column[AgentRow]("teams", gettext_lazy("Teams"), _teams, is_text=True),
    Column[AgentRow](
        "last_sign_in",
        gettext_lazy("Last sign-in"),
        lambda row: cells.day(row.person.last_login, pgettext_lazy("sign-in", "Never")),
        up=LONG_AGO,
        down=RECENT,
    ),
    Column[AgentRow]("status", gettext_lazy("Status"), lambda row: person_status(row.person)),
)


_WORDS = Words(
    name=gettext_lazy("People"),
    search=gettext_lazy("Search people"),
    counted=count_of_people,
    none_found=gettext_lazy("Nobody matches this search"),
    none_found_text=gettext_lazy("Search for a part of the name or of the e-mail address, or choose other filters."),
    none=gettext_lazy("No users yet"),
    none_text=gettext_lazy("The people of the organisation will be listed here."),
    icon="users",
)

STAFF = Kind("staff", _WORDS, _COLUMNS)


def rows_of(people: Iterable[User]) -> list[AgentRow]:
    """Return the rows of a page of people, who are read with their roles and teams."""
    url, team_url = cells.urls("reseller_agent", "agent_id"), cells.urls("reseller_team", "team_id")
    return [
        AgentRow(
            person,
            url(person.pk),
            [(team_url(group.team.pk), group.team.name) for group in person.groups.all()],
        )
        for person in people
    ]
