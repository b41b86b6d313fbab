"""Pages isolate names (P10): one that is read from right to left leaves what stands around it in its place."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from accounts.models import Customer, DirectoryGroup, Reseller, Team, User
from accounts.names import sort_key
from support.models import Case
from tests.contract.world import World

RIGHT_TO_LEFT = "\u05d3\u05e0\u05d4"
# Elements that hold text alone, and headings, whose text is a paragraph of its own.
NO_ELEMENTS_INSIDE = {"title", "option", "textarea", "h1", "h2", "h3"}
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", "line", "polyline", "polygon", "ellipse"}


class Naked(HTMLParser):
    """Collects the text in which a name stands outside of `<bdi>`."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.naked: list[str] = []
        self.isolated = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        # An attribute cannot hold an element.
        assert not any("<bdi>" in (value or "") for _name, value in attrs), (tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if RIGHT_TO_LEFT not in data or NO_ELEMENTS_INSIDE & set(self.open):
            return
        if "bdi" in self.open:
            self.isolated += 1
        else:
            self.naked.append(" ".join(data.split()))


@pytest.fixture
def renamed(world: World) -> World:
    for rows in (Customer.objects.all(), Reseller.objects.all(), User.objects.all(), DirectoryGroup.objects.all()):
        for row in rows:
            name = f"{RIGHT_TO_LEFT} {row.pk}"
            type(row).objects.filter(pk=row.pk).update(name=name, sort_name=sort_key(name))
    for team in Team.objects.all():
        Team.objects.filter(pk=team.pk).update(name=f"{RIGHT_TO_LEFT} {team.pk}")
    Case.objects.update(title=RIGHT_TO_LEFT)
    for grant in world.acme.customer.access_grants.all():
        type(grant).objects.filter(pk=grant.pk).update(customer_name=RIGHT_TO_LEFT)
    return world


PAGES: list[tuple[tuple[str, str], str]] = [
    *(
        (("Acme", "super admin"), name)
        for name in ("console_home", "users", "groups", "admin_roles", "reseller_access")
    ),
    *((("Acme", "super admin"), name) for name in ("devices", "outside_access", "support_cases", "account_settings")),
    *((("Acme", "super admin"), name) for name in ("user", "support_case", "subscriptions", "support_partners")),
    *((("inside", "admin"), name) for name in ("reseller_customers", "reseller_customer", "reseller_staff")),
    *((("inside", "admin"), name) for name in ("reseller_teams", "reseller_home", "reseller_cases", "console_home")),
]


@pytest.mark.parametrize(("who", "name"), PAGES, ids=str)
def test_P10_every_name_on_a_page_is_isolated(who: tuple[str, str], name: str, db: None, renamed: World) -> None:
    acme = renamed.acme
    arguments: dict[str, object] = {}
    if not name.startswith("reseller_") or name in {"reseller_customer", "reseller_access"}:
        arguments["domain"] = acme.domain
    if name == "user":
        arguments["user_id"] = acme.people["auditor"].pk
    if name == "support_case":
        arguments["case_id"] = acme.case.pk
    response = renamed.client(*who).get(reverse(name, kwargs=arguments))
    assert response.status_code == 200
    page = Naked()
    page.feed(response.content.decode())
    assert page.naked == []
    assert page.isolated
