"""The pages of groups and tags, the columns and the download of the list, and the cards of a customer’s page (P4)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse, reverse_lazy

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import people
from accounts.models import AuditEvent, Customer
from subscriptions import customer_groups
from subscriptions.access import propagation
from subscriptions.models import CustomerGroup, GroupedCustomer
from subscriptions.models.customer_group import GroupKind
from tests.cast import Cast
from tests.client import content_of, main_text_of, signed_in
from tests.factories import make_customer, make_team
from tests.web.reseller.staff_world import sell

CUSTOMERS = "/reseller/"
CHOICE = reverse_lazy("list_choice", args=["customers"])


@pytest.fixture
def more(cast: Cast, rita: Client) -> list[Customer]:
    """Two more customers of Resale One."""
    made = [make_customer(name) for name in ("Beta", "Gamma")]
    for customer in made:
        sell(customer, cast.resale_one.reseller)
    propagation.apply_due_changes()
    return made


def members(name: str) -> set[str]:
    return set(GroupedCustomer.objects.filter(group__name=name).values_list("customer__name", flat=True))


def listed(client: Client, **asked: int) -> list[str]:
    return [line.row.name for line in client.get(CUSTOMERS, asked).context["list"].rows.rows]


def test_a_group_is_made_filled_by_domains_and_by_a_rule_and_deleted(
    cast: Cast, rita: Client, more: list[Customer]
) -> None:
    rita.post(reverse("reseller_groups"), {"kind": "group", "name": "North"})
    group = CustomerGroup.objects.get(name="North")
    pasted = f"ACME.example, {more[0].primary_domain};\nglobex.example nowhere.example"
    page = rita.post(reverse("reseller_group_add", args=[group.pk]), {"domains": pasted}, follow=True)
    assert members("North") == {"Acme", "Beta"}
    said = main_text_of(page)
    assert "2 customers were added." in said
    assert "2 are not primary domains of customers of yours: globex.example, nowhere.example." in said
    add = reverse("reseller_group_add", args=[group.pk])
    wrong = rita.post(add, {"domains": "Acme Ltd / Beta"})
    assert wrong.status_code == 422 and "4 are not primary domains of customers of yours: Acme, Ltd, /, Beta." in (
        main_text_of(wrong)
    )
    assert wrong.context["add_form"]["domains"].value() == "Acme\nLtd\n/\nBeta", "to be corrected"
    rita.post(reverse("reseller_group_remove", args=[group.pk]), {"customer": [cast.acme.customer.pk]})
    assert members("North") == {"Beta"}
    fill = reverse("reseller_group_fill", args=[group.pk])
    assert rita.get(fill).context["found"] is None
    preview = rita.get(fill, {"product": "Google-Apps"})
    assert "2 customers would be added" in main_text_of(preview)
    assert members("North") == {"Beta"}
    seen = preview.context["found"].seen
    assert rita.post(fill, {"product": "Google-Apps", "seen": "forged"}).status_code == 422
    rita.post(fill, {"product": "Google-Apps", "seen": seen})
    assert members("North") == {"Acme", "Beta", "Gamma"}
    rita.post(reverse("reseller_group_rename", args=[group.pk]), {"name": "Far North"})
    assert rita.post(reverse("reseller_group_rename", args=[group.pk]), {"name": " "}).status_code == 422
    assert "Far North" in main_text_of(rita.get(reverse("reseller_groups")))
    rita.post(reverse("reseller_group_delete", args=[group.pk]))
    assert rita.get(reverse("reseller_group", args=[group.pk])).status_code == 404


def test_the_list_is_filtered_by_tag_and_group(cast: Cast, rita: Client, more: list[Customer]) -> None:
    admin = Actor(cast.resale_one.admin)
    made = {
        name: customer_groups.create_group(actor=admin, reseller=cast.resale_one.reseller, kind=kind, name=name)
        for name, kind in (("VIP", GroupKind.TAG), ("North", GroupKind.GROUP))
    }
    customer_groups.add_customers(actor=admin, group=made["VIP"], customers=[cast.acme.customer.pk, more[0].pk])
    customer_groups.add_customers(actor=admin, group=made["North"], customers=[more[0].pk, more[1].pk])
    assert listed(rita) == ["Acme", "Beta", "Gamma"]
    assert listed(rita, tag=made["VIP"].pk) == ["Acme", "Beta"]
    assert listed(rita, tag=made["VIP"].pk, group=made["North"].pk) == ["Beta"]
    assert listed(rita, tag=made["North"].pk) == [], "a group is no tag to choose"
    rita.post(CHOICE, {"size": 25, "column": ["tags"]})
    assert f"?tag={made['VIP'].pk}" in rita.get(CUSTOMERS).content.decode()
    # An agent finds their own customers in it; another reseller has nothing to choose.
    assert listed(signed_in(cast.resale_one.agent), tag=made["VIP"].pk) == ["Acme"]
    assert "tag" not in signed_in(cast.resale_two.admin).get(CUSTOMERS).context["list"].form.fields


def test_tags_are_put_on_the_page_of_a_customer(cast: Cast, rita: Client) -> None:
    rita.post(reverse("reseller_groups"), {"kind": "tag", "name": "VIP"})
    tag = CustomerGroup.objects.get(name="VIP")
    url = reverse("reseller_customer_tags", args=["acme.example"])
    rita.post(url, {"tags": [tag.pk]})
    assert members("VIP") == {"Acme"}
    assert "checked" in rita.get(reverse("reseller_customer", args=["acme.example"])).content.decode()
    agent = signed_in(cast.resale_one.agent)
    assert "VIP" in main_text_of(agent.get(reverse("reseller_customer", args=["acme.example"])))
    assert agent.post(url).status_code == 403
    assert signed_in(cast.resale_two.admin).post(url, {"tags": []}).status_code == 404
    # The customer's own people never see it.
    assert "VIP" not in signed_in(cast.acme.super_admin).get("/console/acme.example/account/reseller-access/").text
    rita.post(url)
    assert members("VIP") == set()


def test_a_row_says_what_was_sold_and_who_works_for_it_and_opens_the_console(
    cast: Cast, rita: Client, more: list[Customer]
) -> None:
    sell(more[0], cast.resale_two.reseller, "1010330004")
    make_team(cast.resale_one.reseller, name="South", customers=[more[0]])
    rita.post(CHOICE, {"size": 25, "column": ["products", "seats", "teams", "last_visit", "console"]})
    text = main_text_of(rita.get(CUSTOMERS, {"q": "beta"}))
    assert "Beta" in text and "Google Workspace 0 of 10" in text and "South" in text and "never Open" in text
    assert "Google Voice" not in text
    assert reverse("enter_console", args=[more[0].primary_domain]) in rita.get(CUSTOMERS).content.decode()
    rita.post(reverse("enter_console", args=[more[0].primary_domain]))
    assert "never Open" not in main_text_of(rita.get(CUSTOMERS, {"q": "beta"}))
    desired_off = reverse("enter_console", args=["globex.example"])
    assert desired_off not in rita.get(CUSTOMERS).content.decode()


def rows_of(response: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"))))


def test_R11_the_download_has_what_the_list_has_and_ends_with_the_right(
    cast: Cast, rita: Client, more: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("reseller_customers_export")
    rows = rows_of(rita.post(f"{url}?q=a"))
    assert [row["Customer"] for row in rows] == ["Acme", "Beta", "Gamma"]
    assert (rows[0]["Products"], rows[0]["Seats"], rows[0]["Teams"]) == ("Google Workspace", "10", "North")
    event = AuditEvent.objects.get(name="DOWNLOAD_CUSTOMERLIST_CSV")
    assert (event.actor_email, event.customer_id, event.new_value) == ("rita@resale-one.example", None, {"q": "a"})
    assert [row["Customer"] for row in rows_of(signed_in(cast.resale_one.agent).post(url))] == ["Acme"]
    assert signed_in(cast.resale_one.support_agent).post(url).status_code == 403
    # While it is read: the next batch asks again.
    monkeypatch.setattr("web.reseller.customer_list.EXPORT_BATCH", 1)
    staffing.assign_customers_to_agent(actor=None, agent=cast.resale_one.agent, customers=more)
    answer: Any = signed_in(cast.resale_one.agent).post(url)
    lines = iter(answer.streaming_content)
    assert b"Customer" in next(lines) and b"Acme" in next(lines)
    people.suspend_user(actor=None, person=cast.resale_one.agent)
    assert list(lines) == []


def test_the_page_of_a_customer_says_who_works_for_it_and_what_was_done(cast: Cast, rita: Client) -> None:
    propagation.apply_due_changes()
    everybody = make_team(cast.resale_one.reseller, name="Everybody")
    staffing.assign_all_customers(actor=None, team=everybody)
    people.suspend_user(actor=None, person=cast.resale_one.agent)
    rita.post(reverse("enter_console", args=["acme.example"]))
    text = main_text_of(rita.get(reverse("reseller_customer", args=["acme.example"])))
    assert "Ana ( suspended)" in text or "Ana (suspended)" in text
    assert "Everybody (for all customers), North" in text
    assert "Console entered by a reseller" in text
    assert "0" in text and "Used" in text
    # A colleague reads their own deeds only (A4), and no links to the staff.
    colleague = signed_in(cast.resale_one.colleague).get(reverse("reseller_customer", args=["acme.example"]))
    assert "Console entered by a reseller" not in main_text_of(colleague)
    assert "/reseller/staff/" not in colleague.content.decode().split("<main", 1)[1]
