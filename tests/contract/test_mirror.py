"""Two identical tenants: whatever address the people of one can open does not exist for those of the other."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from django.db import transaction
from django.urls import resolve

from tests.contract import areas, matrix
from tests.contract.crawl import Form, Page
from tests.contract.database import Moment, Snapshot, difference, snapshot, snapshot_since, written
from tests.contract.walks import walk
from tests.contract.world import SIGNED_OUT, Tenant, World

# Who walks through the pages of Acme, and who replays the walk at the twin.
WALKERS = [
    pytest.param(("Acme", "super admin"), ("Globex", "super admin"), id="super admin"),
    pytest.param(("Acme", "auditor"), ("Globex", "auditor"), id="auditor"),
    pytest.param(("inside", "admin"), ("twin inside", "admin"), id="reseller admin"),
    pytest.param(("inside", "agent"), ("twin inside", "agent"), id="agent"),
]
# Forms that differ in nothing but the row they are about: so many of each are sent.
SAMPLES = 2
# Pages of everybody's own: the same address shows each person its own rows, never the other tenant's.
OWN_PAGES = ("/reseller/", "/accounts/", "/help/", "/preferences/", "/operations/")


def belongs(url: str, tenant: Tenant, ids: set[str]) -> bool:
    """Tell whether an address names something of this tenant: its domain, or a number."""
    parts = url.partition("?")[0].strip("/").split("/")
    return tenant.domain in parts or any(part in ids for part in parts)


def numbers(urls: Iterable[str]) -> set[str]:
    """Return the numbers in addresses: the ids of this world's rows."""
    return {part for url in urls for part in url.partition("?")[0].split("/") if part.isdigit()}


@pytest.mark.parametrize(("walker", "twin"), WALKERS)
def test_no_address_of_one_tenant_exists_for_the_other(
    walker: tuple[str, str], twin: tuple[str, str], db: None, world: World
) -> None:
    pages = walk(world, walker, world.acme)
    opened = [url for url, page in pages.items() if page.response.status_code == 200]
    theirs = [url for url in opened if belongs(url, world.acme, numbers(pages))]
    assert len(theirs) >= 3, "the walk did not get anywhere"
    stranger = world.client(*twin)
    found = {url: stranger.get(url).status_code for url in theirs}
    assert {url: status for url, status in found.items() if status != 404} == {}


@pytest.mark.parametrize(("walker", "twin"), WALKERS)
def test_no_page_of_one_tenant_says_anything_about_the_other(
    walker: tuple[str, str], twin: tuple[str, str], db: None, world: World
) -> None:
    """Lists, counts, suggestions and errors included: the names of the twin are on none of the pages."""
    says_nothing(walk(world, walker, world.acme), "globex", "Globex", "Resale Two", "resale-two")
    others = ("Resale Closed", "Resale Halted", "Resale Unlucky")
    says_nothing(walk(world, twin, world.globex), "acme", "Acme", "Resale One", "resale-one", *others)


def says_nothing(pages: dict[str, Page], *names: str) -> None:
    for url, page in pages.items():
        assert not [name for name in names if name in page.text], url


def test_an_absent_object_and_a_strangers_object_answer_with_the_same_page(db: None, world: World) -> None:
    client = world.client("Globex", "super admin")
    theirs = client.get(f"/console/{world.acme.domain}/")
    nobodys = client.get("/console/nowhere.example/")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.content.replace(b"acme.example", b"X") == nobodys.content.replace(b"nowhere.example", b"X")


# --- Forms -------------------------------------------------------------------------------------------


def forms(pages: dict[str, Page]) -> list[Form]:
    """Return every form that can be sent, once for each address and content."""
    found = {}
    for page in pages.values():
        for form in page.forms:
            if form.method == "post" and not form.action.startswith(("/accounts/", "/preferences/", "/help/")):
                found[form.action, tuple(form.fields)] = form
    return list(found.values())


def few_of_each(found: list[Form], tenant: Tenant) -> list[Form]:
    """Return the forms that look alike, such as one for each person of a list, SAMPLES times each."""
    alike: dict[tuple[str, frozenset[str]], list[Form]] = {}
    for form in found:
        alike.setdefault((shape(form, tenant), frozenset(name for name, _value in form.fields)), []).append(form)
    return [form for forms_alike in alike.values() for form in forms_alike[:SAMPLES]]


def touched(tenant: Tenant, before: Snapshot, after: Snapshot) -> list[str]:
    """Return the rows about a tenant that differ: about its customer, its reseller, its people or its team."""
    names = {"customer_id": tenant.customer.pk, "reseller_id": tenant.reseller.pk, "group_id": tenant.team.group_id}
    persons = {person.pk for person in [*tenant.people.values(), *tenant.staff.values()]}
    made = difference(before, after)
    said = [
        snapshot[row]
        for snapshot in (before, after)
        for row in made.changed | made.added | made.removed
        if row in snapshot
    ]
    return [
        text
        for text in said
        if any((told := json.loads(text)).get(name) == pk for name, pk in names.items())
        or told.get("user_id") in persons
    ]


@pytest.mark.parametrize(("walker", "twin"), WALKERS[:1] + WALKERS[2:3])
def test_a_form_of_one_tenant_sent_by_the_other_changes_nothing(
    walker: tuple[str, str], twin: tuple[str, str], db: None, world: World
) -> None:
    sent = few_of_each(forms(walk(world, walker, world.acme)), world.acme)
    assert len(sent) >= 3
    before = snapshot(whole=True)
    for form in sent:
        with transaction.atomic():
            moment = Moment(before, written())
            response = world.client(*twin).post(form.action, form.data)
            after = snapshot_since(moment, whole=True)
            assert touched(world.acme, before, after) == [], form
            if belongs(form.action, world.acme, numbers({form.action})):
                assert response.status_code == 404, form
                assert not difference(before, after), form
            transaction.set_rollback(True)


@pytest.mark.parametrize(("walker", "twin"), WALKERS[:1] + WALKERS[2:3])
def test_forged_ids_in_every_field_reach_no_row_of_the_other_tenant(
    walker: tuple[str, str], twin: tuple[str, str], db: None, world: World
) -> None:
    """The twin sends its own forms, with every value replaced by what the same field says at Acme."""
    theirs = few_of_each([form for form in forms(walk(world, walker, world.acme)) if form.fields], world.acme)
    own = few_of_each(forms(walk(world, twin, world.globex)), world.globex)
    before = snapshot(whole=True)
    pairs = [
        (form, forged) for form in own for forged in theirs if shape(form, world.globex) == shape(forged, world.acme)
    ]
    assert len(pairs) >= 2, "no form of the twin looks like one of Acme"
    for form, forged in pairs:
        with transaction.atomic():
            moment = Moment(before, written())
            world.client(*twin).post(form.action, {**forged.data, "confirmed": "on", "action": "assign"})
            after = snapshot_since(moment, whole=True)
            assert touched(world.acme, before, after) == [], f"{form.action} with {forged.data}"
            transaction.set_rollback(True)


def shape(form: Form, tenant: Tenant) -> str:
    """Return a form's address without what names the tenant."""
    path = form.action.partition("?")[0].replace(tenant.domain, "<domain>")
    return "/".join("<id>" if part.isdigit() else part for part in path.split("/"))


# Pages that no page links to, each with how people get there.
UNLINKED = {
    "health_live": "asked by a load balancer",
    "health_ready": "asked by a load balancer",
    "metrics": "asked by Prometheus, which shows a token",
    "account_logout": "the button is a form; the page is for a typed address",
    "account_inactive": "sent there by signing in while suspended",
    "account_signup": "a typed address; says that nobody signs up",
    "account_set_password": "sent there from the page above it by whoever has no password yet",
    "account_reset_password_done": "sent there by the form",
    "account_reset_password_from_key": "the link in the mail",
    "account_reset_password_from_key_done": "sent there by the form",
    "reseller_access_state": "asked by the page while a change is on its way",
    "reseller_access_remove_now": "a form; GET leads back to the page",
    "reseller_access_turn_off_all": "a form; GET leads back to the page",
    "reseller_access_retry": "a form; GET leads back to the page",
    "reseller_agent_roles": "a form; GET leads back to the page",
    "reseller_team_rename": "a form; GET leads back to the page",
    "reseller_group_rename": "a form; GET leads back to the page",
    "reseller_group_add": "a form; GET leads back to the page",
    "reseller_team_add_member": "a form; GET leads back to the page",
    "group_member_role": "a form; GET leads back to the page",
    "help_feedback": "a form; GET leads back to the page",
    "preferences": "a form on every page; GET leads home",
    "support_partner_resend": "a form; GET leads back to the page",
    "support_partner_withdraw": "a form; GET leads back to the page",
    "support_partner_remove": "a form; GET leads back to the page",
    "support_contract_new": "linked to once the customer has moved",
    "support_contracts": "linked to once the customer has moved",
    "support_verify": "the link in the mail",
    "support_case_file": "a form; GET leads back to the case",
    "reseller_case_file": "a form; GET leads back to the case",
    "vendor_case_file": "a form; GET leads back to the case",
} | {name: how for area in areas.ALL for name, how in area.unlinked.items()}


def test_the_walk_visits_every_page_of_the_table(db: None, world: World) -> None:
    """Otherwise the tests above would say nothing about a page."""
    names: set[str] = set()
    for who in (
        ("Acme", "super admin"),
        ("Resale One", "admin"),
        ("inside", "admin"),
        ("vendor", "operator"),
        ("vendor", "support"),
        ("nobody", SIGNED_OUT),
    ):
        names |= {str(resolve(url.partition("?")[0]).url_name) for url in walk(world, who, world.acme)}
    assert {line.name for line in matrix.lines() if line.method == "GET"} - names == set(UNLINKED)
