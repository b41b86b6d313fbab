"""The line that the menu marks is where a page stands: its breadcrumbs lead there too."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from accounts.models.jobs import JobKind
from tests.contract import matrix
from tests.contract.answers import url_of
from tests.contract.crawl import content_of
from tests.contract.world import World
from tests.jobs.bulk_world import upload
from tests.support.world import move

PAGES = sorted({line.name for line in matrix.lines() if line.method == "GET"})
READERS = [("Acme", "super admin"), ("inside", "admin"), ("inside", "agent"), ("vendor", "operator")]
READERS += [("vendor", "support")]
# About the person, or beside every page: no line of the menu leads there.
NO_LINE = {
    "account_change_password",
    "reference",
    "reference_of",
    "help",
    "help_panel",
    "notification_preferences",
    "notifications",
    "oauth_consent",
    "own_applications",
    "usersessions_list",
}
NO_LINE |= {"second_factor", "second_factor_app", "recovery_codes", "passkey_add", "passkey_rename"}
NO_LINE |= {"console_search", "reseller_search", "vendor_search"}


def crumbs(response: Any) -> list[str]:
    """Return what the breadcrumbs of a page say."""
    found = re.search(r'<ol class="breadcrumbs">(.*?)</ol>', content_of(response).decode(), re.DOTALL)
    labels = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [unescape(re.sub(r"<[^>]+>", "", label)).strip() for label in labels]


def marked(response: Any) -> list[str]:
    """Return the line that is marked, with the one that it stands under."""
    for item in response.context["navigation"]:
        below = [child for child in item.children if child.current]
        if item.current or below:
            return [str(line.label) for line in (item, *below)]
    return []


def assert_in_its_place(response: Any) -> None:
    found, said = marked(response), crumbs(response)
    assert found
    assert found[-1] in said


@pytest.mark.parametrize("name", PAGES)
def test_the_menu_marks_what_the_breadcrumbs_lead_to(name: str, db: None, world: World) -> None:
    for reader in READERS:
        response = world.client(*reader).get(url_of(name, world))
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and response.status_code == 200
        if is_page and crumbs(response) and name not in NO_LINE:
            assert_in_its_place(response)


def test_a_file_with_devices_stands_under_devices(db: None, world: World) -> None:
    job = upload(
        world.acme.people["super admin"],
        world.acme.customer,
        "kind,serial_number\nios,A1\n",
        JobKind.IMPORT_DEVICES,
    )
    response = world.client("Acme", "super admin").get(reverse("job", args=[world.acme.domain, job.pk]))
    assert_in_its_place(response)
    assert marked(response) == ["Devices"]


def test_contracts_stand_where_partners_stood_before_the_move(db: None, world: World) -> None:
    move(world.acme.customer)
    for name in ("support_contracts", "support_contract_new"):
        response = world.client("Acme", "super admin").get(reverse(name, args=[world.acme.domain]))
        assert_in_its_place(response)
        assert marked(response) == ["Support", "Support partners"]
    # Support reads contracts and has no line of its own for them.
    response = world.client("Acme", "support").get(reverse("support_contracts", args=[world.acme.domain]))
    assert marked(response) == ["Support"]
