"""The pages of the tree of units."""

from __future__ import annotations

import pytest

from accounts.directory import org_units
from accounts.directory.tree import tree_of
from accounts.models import User
from tests.cast import Cast
from tests.client import signed_in as browser
from tests.client import url_of as url
from tests.factories import make_unit
from tests.web.console.pages_world import enter

pytestmark = pytest.mark.django_db


def test_the_tree_shows_how_many_people_and_devices_stand_in_each_unit(cast: Cast) -> None:
    acme = cast.acme.customer
    sales = make_unit(acme, "Sales")
    User.objects.filter(pk=cast.acme.nobody.pk).update(org_unit=sales)
    lines = browser(cast.acme.auditor).get(url("org_units", acme)).context["lines"]
    assert [(line.node.path, line.people, line.devices) for line in lines] == [("/", 3, 0), ("/Sales", 1, 0)]
    found = browser(cast.acme.auditor).get(url("org_units", acme), {"q": "SÀLE"}).context["lines"]
    assert [line.node.path for line in found] == ["/Sales"]


def test_a_unit_says_from_where_it_has_a_setting(cast: Cast) -> None:
    acme = cast.acme.customer
    sales = make_unit(acme, "Sales")
    berlin = make_unit(acme, "Berlin", sales)
    org_units.edit_org_unit(actor=None, unit=sales, name="Sales", description="", approves_mobile_devices=True)
    client = browser(cast.acme.super_admin)
    assert "Set here" in client.get(url("org_unit", acme, unit_id=sales.pk)).text
    text = " ".join(client.get(url("org_unit", acme, unit_id=berlin.pk)).text.split())
    assert f'Inherited from <a href="{url("org_unit", acme, unit_id=sales.pk)}"><bdi>/Sales</bdi></a>' in text


def test_before_a_move_the_page_says_which_settings_will_differ(cast: Cast) -> None:
    acme = cast.acme.customer
    sales, strict = make_unit(acme, "Sales"), make_unit(acme, "Strict")
    berlin = make_unit(acme, "Berlin", sales)
    own = make_unit(acme, "Own", sales)
    org_units.edit_org_unit(actor=None, unit=strict, name="Strict", description="", approves_mobile_devices=True)
    org_units.edit_org_unit(actor=None, unit=own, name="Own", description="", approves_mobile_devices=False)
    client, address = browser(cast.acme.super_admin), url("org_unit_move", acme, unit_id=sales.pk)
    response = client.get(address, {"parent": strict.pk})
    assert [(d.path, d.before, d.after) for d in response.context["differences"]] == [
        ("/Strict/Sales", False, True),
        ("/Strict/Sales/Berlin", False, True),
    ]
    assert tree_of(acme).path(berlin.pk) == "/Sales/Berlin"
    client.post(address, {"parent": strict.pk})
    assert tree_of(acme).path(berlin.pk) == "/Strict/Sales/Berlin"


def test_a_refused_form_says_why_and_loses_nothing(cast: Cast) -> None:
    acme = cast.acme.customer
    make_unit(acme, "Sales")
    typed = {"name": "sales", "parent": tree_of(acme).root.pk, "description": "What they sell"}
    response = browser(cast.acme.super_admin).post(url("org_unit_create", acme), typed)
    assert response.status_code == 422
    assert "Another unit at this place has this name." in response.text
    assert 'value="What they sell"' in response.text


def test_a_unit_of_a_stranger_does_not_exist_and_is_no_place(cast: Cast) -> None:
    acme, globex = cast.acme.customer, cast.globex.customer
    mine, theirs = make_unit(acme, "Mine"), make_unit(globex, "Theirs")
    client = browser(cast.acme.super_admin)
    for name in ("org_unit", "org_unit_edit", "org_unit_move"):
        for unit_id in (theirs.pk, 10**30):
            assert client.get(url(name, acme, unit_id=unit_id)).status_code == 404
    assert client.post(url("org_unit_remove", acme, unit_id=theirs.pk)).status_code == 404
    for forged in (theirs.pk, mine.pk, 10**30, "x", ""):
        response = client.post(url("org_unit_move", acme, unit_id=mine.pk), {"parent": forged})
        assert response.status_code == 422
    response = client.post(url("org_unit_create", acme), {"name": "New", "parent": theirs.pk})
    assert response.status_code == 422
    assert [node.path for node in tree_of(acme)] == ["/", "/Mine"]
    assert [node.path for node in tree_of(globex)] == ["/", "/Theirs"]


def test_who_may_only_look_finds_no_button_and_no_form(cast: Cast) -> None:
    acme = cast.acme.customer
    sales = make_unit(acme, "Sales")
    carol = browser(cast.acme.auditor)
    for address in (url("org_units", acme), url("org_unit", acme, unit_id=sales.pk)):
        text = carol.get(address).text
        assert "/org-units/create/" not in text
        assert "/edit/" not in text
    assert carol.get(url("org_unit_edit", acme, unit_id=sales.pk)).status_code == 403


def test_an_agent_inside_works_on_the_same_pages(cast: Cast) -> None:
    acme = cast.acme.customer
    ana = enter(cast)
    assert ana.post(url("org_unit_create", acme), {"name": "New", "parent": tree_of(acme).root.pk}).status_code == 302
    assert [node.path for node in tree_of(acme)] == ["/", "/New"]
