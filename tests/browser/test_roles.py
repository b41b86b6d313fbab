"""P3: on the pages that a role opens, it is offered nothing that it may not do."""

from __future__ import annotations

from accounts.roles import Role
from tests.browser.directory import furnish
from tests.browser.journey import Journey
from tests.factories import PASSWORD, make_person

PAGES = {
    Role.AUDITOR: (
        "users/",
        "users/{bob}/",
        "groups/{group}/",
        "org-units/{unit}/",
        "devices/{device}/",
        "subscriptions/",
        "account/roles/super_admin/",
        "account/outside-access/",
        "billing/",
    ),
    Role.HELP_DESK_ADMIN: ("", "users/", "users/{bob}/"),
    Role.USER_MANAGEMENT_ADMIN: ("users/", "users/{bob}/", "users/{alice}/", "groups/{group}/"),
}
# How the addresses end that forms on these pages send to.
SENDS: dict[Role, set[str]] = {
    Role.AUDITOR: set(),
    Role.HELP_DESK_ADMIN: {"password"},
    Role.USER_MANAGEMENT_ADMIN: {"export", "bulk", "invite", "password", "suspend", "delete", "remove", "role"},
}
# But for how they want to see a list, which is theirs.
FORMS = """() => [
  ...[...document.querySelectorAll("main form[method=post]:not([action^='/preferences/'])")]
    .map((form) => form.getAttribute("action") || ""),
  ...[...document.querySelectorAll("main [formmethod=post]")].map((button) => button.formAction),
].map((address) => new URL(address, location.href).pathname.split("/").at(-2))"""
# One for each page, not for each row of a list.
LINKS = """() => [...document.querySelectorAll("main a[href]")].map((link) => [
  link.pathname.replace(/\\d+/g, "…"), link.href
])"""


def test_P3_nobody_is_offered_what_the_role_does_not_allow(journey: Journey) -> None:
    """Forms send to what the role may do, and each link leads to a page that opens."""
    scene = journey.scene
    found = {**furnish(scene), "bob": make_person(scene.acme, name="Bob").pk, "alice": scene.alice.pk}
    for role, paths in PAGES.items():
        page = journey.sit_down(make_person(scene.acme, role, name=role.replace("_", " "), password=PASSWORD))
        sends: set[str] = set()
        links: dict[str, str] = {}
        for path in paths:
            journey.visit(page, path.format_map(found))
            sends.update(page.evaluate(FORMS))
            links.update(page.evaluate(LINKS))
        assert sends == SENDS[role], role
        assert [link for link in links.values() if page.request.get(link).status != 200] == [], role
