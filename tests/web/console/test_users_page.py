"""The list of users and the pages of one, for a customer's admins and for agents inside (P3, R14)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.directory import people
from accounts.directory.renaming import rename_user
from accounts.models import AuditEvent, OrgUnit, User
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.leaving import delete_user_with_licences
from subscriptions.models import Licence, Subscription
from tests.access.world import World, propagate, wish
from tests.client import signed_in
from tests.factories import fresh, make_unit
from tests.web.console.users_world import person, url


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


@pytest.fixture
def agent(world: World) -> Client:
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    return client


def licence(world: World, holder: User, subscription: Subscription) -> Licence:
    product = subscription.sku.product_id
    return Licence.objects.create(customer=world.customer, subscription=subscription, user=holder, product_id=product)


def shown(client: Client, world: World, query: str = "") -> list[str]:
    """The names on the list, in its order."""
    response = client.get(url(world) + query)
    assert response.status_code == 200, response.status_code
    return [row.person.name for row in response.context["list"].rows.rows]


# --- The list ------------------------------------------------------------------------------------


@pytest.fixture
def directory(world: World) -> World:
    """Ana and Élodie in Sales, Bea below it, Cid suspended, Dan deleted; the admin, who signed in last, is Zoe."""
    User.objects.filter(pk=world.admin.user.pk).update(name="Zoe", sort_name="zoe")
    now = timezone.now()
    sales = make_unit(world.customer, "Sales")
    berlin = make_unit(world.customer, "Berlin", sales)
    person(world, "Ana", org_unit=sales, last_login=now - timedelta(days=2))
    person(world, "Élodie", Role.AUDITOR, org_unit=sales, last_login=now)
    person(world, "Bea", Role.HELP_DESK_ADMIN, Role.AUDITOR, org_unit=berlin)
    people.suspend_user(actor=None, person=person(world, "Cid"))
    delete_user_with_licences(actor=None, person=person(world, "Dan"))
    return world


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ana", "Bea", "Cid", "Élodie", "Zoe"]),
        ("?order=-name", ["Zoe", "Élodie", "Cid", "Bea", "Ana"]),
        ("?order=-sign-in", ["Zoe", "Élodie", "Ana", "Cid", "Bea"]),
        ("?order=sign-in", ["Bea", "Cid", "Ana", "Élodie", "Zoe"]),
        ("?q=ELO", ["Élodie"]),
        ("?q=élo", ["Élodie"]),
        ("?q=bea@", ["Bea"]),
        ("?q=%25", []),
        ("?role=auditor", ["Bea", "Élodie"]),
        ("?role=any", ["Bea", "Élodie", "Zoe"]),
        ("?status=active", ["Ana", "Bea", "Élodie", "Zoe"]),
        ("?status=suspended", ["Cid"]),
        ("?status=never", ["Bea", "Cid"]),
        ("?status=deleted", ["Dan"]),
        ("?status=deleted&q=dan", ["Dan"]),
    ],
)
def test_the_list_shows_whom_it_was_asked_for(query: str, names: list[str], directory: World, agent: Client) -> None:
    for client in (signed_in(fresh(directory.admin.user)), agent):
        assert shown(client, directory, query) == names


def test_a_unit_is_shown_with_those_below_it(directory: World) -> None:
    client = signed_in(fresh(directory.admin.user))
    sales, berlin = (OrgUnit.objects.get(customer=directory.customer, name=name) for name in ("Sales", "Berlin"))
    assert shown(client, directory, f"?unit={sales.pk}") == ["Ana", "Bea", "Élodie"]
    assert shown(client, directory, f"?unit={berlin.pk}&role=any") == ["Bea"]
    assert "/Sales/Berlin" in client.get(url(directory)).content.decode()


def test_an_alias_is_found_by_how_it_begins(directory: World) -> None:
    client = signed_in(fresh(directory.admin.user))
    ana = User.objects.get(customer=directory.customer, name="Ana")
    rename_user(actor=None, person=ana, email=f"other@{directory.customer.primary_domain}")
    assert shown(client, directory, "?q=ana@") == ["Ana"]
    assert shown(client, directory, f"?q=OTHER@{directory.customer.primary_domain[:4]}") == ["Ana"]


@pytest.mark.parametrize("query", ["?unit=x", "?unit={foreign}", "?role=reseller_admin", "?licence=x", "?order=x"])
def test_forged_filters_are_errors_of_the_form(query: str, world: World, stranger: World, admin: Client) -> None:
    foreign = OrgUnit.objects.get(customer=stranger.customer)
    response = admin.get(url(world) + query.format(foreign=foreign.pk))
    assert (response.status_code, response.context["list"].rows.rows) == (200, [])
    assert "The search was not understood" in response.content.decode()


def test_a_long_list_is_walked_forth_and_back_in_every_order(world: World, admin: Client) -> None:
    now = timezone.now()
    for number in range(105):
        seen = now - timedelta(hours=number // 3) if number % 5 else None
        person(world, f"P{number // 2:03}", local_part=f"p{number}", last_login=seen)
    User.objects.filter(pk=world.admin.user.pk).update(last_login=None)
    for order in ("name", "-name", "sign-in", "-sign-in"):
        pages, response = [], admin.get(url(world) + f"?order={order}")
        while True:
            pages.append([row.person.pk for row in response.context["list"].rows.rows])
            if (next_url := response.context["list"].pager.next_url) is None:
                break
            response = admin.get(next_url)
        assert [len(page) for page in pages] == [50, 50, 6], order
        assert len({pk for page in pages for pk in page}) == 106, order
        back = admin.get(response.context["list"].pager.previous_url)
        assert [row.person.pk for row in back.context["list"].rows.rows] == pages[1], order
        assert back.context["list"].total.number == 106


def test_R3_an_agent_filters_by_the_licences_in_its_scope_only(world: World, admin: Client, agent: Client) -> None:
    one, two = person(world, "One"), person(world, "Two")
    licence(world, one, world.sold)
    licence(world, two, world.own)
    User.objects.filter(pk=world.admin.user.pk).update(name="Zoe", sort_name="zoe")
    sold, own = world.sold.sku_id, world.own.sku_id
    assert shown(admin, world, f"?licence={sold}") == ["One"]
    assert shown(admin, world, f"?licence={own}") == ["Two"]
    assert shown(admin, world, "?licence=none") == ["Zoe"]
    assert shown(agent, world, f"?licence={sold}") == ["One"]
    assert "The search was not understood" in agent.get(url(world) + f"?licence={own}").content.decode()
    assert shown(agent, world, "?licence=none") == ["Two", "Zoe"]
    assert world.own.sku.name not in agent.get(url(world, "user", two)).content.decode()
    assert world.own.sku.name in admin.get(url(world, "user", two)).content.decode()


def test_whoever_sees_no_licences_cannot_ask_for_them(world: World) -> None:
    help_desk = signed_in(person(world, "Hal", Role.HELP_DESK_ADMIN))
    response = help_desk.get(url(world) + "?licence=none")
    assert "licence" not in response.context["list"].form.fields
    assert 'name="person"' not in response.content.decode(), "nothing to tick for anyone who changes nothing"


# --- The download --------------------------------------------------------------------------------


def lines(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_R14_the_list_is_downloaded_by_the_customers_own_admins_alone(directory: World, agent: Client) -> None:
    formula = person(directory, '=HYPERLINK("http://evil")')
    rename_user(actor=None, person=formula, email=f"x@{directory.customer.primary_domain}")
    client = signed_in(fresh(directory.admin.user))
    rows = lines(client.post(url(directory, "users_export") + "?q=elo&order=-name"))
    assert [row[0] for row in rows[1:]] == ["Élodie"]
    assert rows[1][2:5] == ["/Sales", "Auditor", "Active"]
    [event] = AuditEvent.objects.filter(name="DOWNLOAD_USERLIST_CSV")
    assert (event.customer_id, event.new_value) == (directory.customer.pk, {"q": "elo"})
    assert formula.name.startswith("=")
    everybody = lines(client.post(url(directory, "users_export")))
    assert [row[0] for row in everybody if "HYPERLINK" in row[0]] == [f"'{formula.name}"]
    assert agent.post(url(directory, "users_export")).status_code == 403
    assert "Download as CSV" not in agent.get(url(directory)).content.decode()
    assert client.get(url(directory, "users_export")).status_code == 405
    assert client.post(url(directory, "users_export") + "?role=x").status_code == 422
    assert AuditEvent.objects.filter(name="DOWNLOAD_USERLIST_CSV").count() == 2


# --- One person ----------------------------------------------------------------------------------


def test_a_person_of_a_stranger_does_not_exist(world: World, stranger: World, admin: Client, agent: Client) -> None:
    other = person(stranger, "Other")
    for name in ("user", "user_edit", "user_roles"):
        assert admin.get(url(world, name, other)).status_code == 404
    assert agent.get(url(world, "user", other)).status_code == 404
    for name in ("suspend", "restore", "delete", "undelete", "reset_password", "remove_alias", "edit", "roles"):
        assert admin.post(url(world, f"user_{name}", other)).status_code == 404
    assert admin.get(url(world, "user", world.agent)).status_code == 404


def test_a_purged_person_does_not_exist_any_more(world: World, admin: Client) -> None:
    gone = person(world, "Gone")
    now = timezone.now()
    User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at=now, purged_at=now)
    assert admin.get(url(world, "user", gone)).status_code == 404
    assert "Gone" not in shown(admin, world, "?status=deleted")


def buttons(client: Client, world: World, who: User) -> set[str]:
    html = client.get(url(world, "user", who)).content.decode()
    actions = {"edit", "suspend", "restore", "delete", "undelete", "password", "roles"}
    return {name for name in actions if f"/users/{who.pk}/{name}/" in html}


def test_only_what_a_person_may_do_is_offered(world: World, admin: Client, agent: Client) -> None:
    plain, auditor = person(world, "Plain"), person(world, "Aud", Role.AUDITOR)
    help_desk = signed_in(person(world, "Hal", Role.HELP_DESK_ADMIN))
    reader = signed_in(fresh(auditor))
    assert buttons(admin, world, plain) == {"edit", "suspend", "delete", "password", "roles"}
    assert buttons(admin, world, auditor) == {"edit", "suspend", "delete", "password", "roles"}
    assert buttons(admin, world, world.admin.user) == {"edit", "roles"}
    assert buttons(agent, world, plain) == {"edit", "suspend", "delete", "password"}
    assert buttons(agent, world, auditor) == set()
    assert "Only a super admin of the organisation" in agent.get(url(world, "user", auditor)).content.decode()
    assert (buttons(help_desk, world, plain), buttons(help_desk, world, auditor)) == ({"password"}, set())
    assert buttons(reader, world, plain) == set()
    delete_user_with_licences(actor=None, person=plain)
    assert buttons(admin, world, plain) == {"undelete"}


def test_R14_an_agent_changes_nobody_who_holds_a_role(world: World, agent: Client) -> None:
    before = AuditEvent.objects.count()
    boss = world.admin.user
    assert agent.get(url(world, "user_edit", boss)).status_code == 403
    root = OrgUnit.objects.get(customer=world.customer)
    data = {"given_name": "Changed", "email": boss.email, "org_unit": root.pk}
    assert agent.post(url(world, "user_edit", boss), data).status_code == 403
    for name in ("suspend", "delete", "reset_password"):
        answer = agent.post(url(world, f"user_{name}", boss), follow=True)
        assert "holds an admin role" in answer.content.decode()
    assert agent.get(url(world, "user_roles", boss)).status_code == 403
    assert AuditEvent.objects.count() == before
    assert fresh(boss).is_active


def test_R13_an_access_that_ends_between_opening_a_form_and_saving_it_refuses_the_save(
    world: World, agent: Client
) -> None:
    plain = person(world, "Plain")
    assert agent.get(url(world, "user_edit", plain)).status_code == 200
    taken = [wish(world.customer, world.reseller, allowed=False)]
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=taken)
    propagate()
    root = OrgUnit.objects.get(customer=world.customer)
    data = {"given_name": "Changed", "email": plain.email, "org_unit": root.pk}
    assert agent.post(url(world, "user_edit", plain), data).status_code == 403
    assert fresh(plain).name == "Plain"


def test_a_person_is_edited_at_once_or_not_at_all(world: World, admin: Client) -> None:
    plain, sales = person(world, "Plain"), make_unit(world.customer, "Sales")
    taken = person(world, "Taken")
    data = {"given_name": "Plain", "family_name": "Jane", "email": taken.email, "org_unit": sales.pk}
    response = admin.post(url(world, "user_edit", plain), data)
    assert response.status_code == 422
    assert "already" in str(response.context["form"].errors["email"])
    assert 'value="Jane"' in response.content.decode(), "what was typed is kept"
    assert fresh(plain).name == "Plain"
    response = admin.post(url(world, "user_edit", plain), {**data, "email": "jane"})
    assert response.status_code == 302
    found = fresh(plain)
    assert (found.name, found.email, found.org_unit_id) == (
        "Plain Jane",
        f"jane@{world.customer.primary_domain}",
        sales.pk,
    )
    assert plain.email in admin.get(url(world, "user", plain)).content.decode(), "the old address is an alias"
    names = ["CHANGE_USER", "RENAME_USER", "MOVE_USER_TO_ORG_UNIT"]
    assert list(AuditEvent.objects.order_by("id").values_list("name", flat=True))[-3:] == names
    admin.post(url(world, "user_remove_alias", found), {"alias": plain.email})
    assert plain.email not in admin.get(url(world, "user", plain)).content.decode()


def test_a_unit_of_a_stranger_is_an_error_of_the_form(world: World, stranger: World, admin: Client) -> None:
    foreign = OrgUnit.objects.get(customer=stranger.customer)
    data = {"given_name": "New", "email": "new", "org_unit": foreign.pk, "password": "link"}
    assert "org_unit" in admin.post(url(world, "user_new"), data).context["form"].errors
    assert not User.objects.filter(name="New").exists()
