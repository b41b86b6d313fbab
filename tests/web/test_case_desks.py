"""The desks of partners and of vendor support on their pages: taking a case, colleagues, notes (S7, S13)."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from accounts.directory.people import suspend_user
from accounts.models import User
from accounts.organisations import VENDOR
from accounts.roles import Role
from support import partner_desk, vendor_desk
from support.case_notes import add_note
from support.models import CaseNote, PartnerAssignee
from tests.cast import Cast
from tests.client import content_of as whole
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import make_person
from tests.support.world import acting, active, make_case, open_console
from tests.web.cases_pages_world import listed, of_vendor

NOTE = "They never answer on Fridays"


def of_reseller(name: str, **kwargs: int) -> str:
    return reverse(f"reseller_{name}", kwargs=kwargs)


def _second_of_the_desk(name: str = "Vera") -> User:
    return make_person(VENDOR, Role.VENDOR_SUPPORT, name=name)


def test_S13_a_partner_takes_a_case_from_the_list_and_finds_it_among_its_own(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    make_case(cast.acme.customer, cast.acme.support_manager, title="Another")
    client, page = signed_in(cast.resale_one.support_agent), of_reseller("case", case_id=case.pk)
    assert text(client.get(of_reseller("cases"))).count("Take it") == 2
    done = client.post(page, {"verb": "take"}, follow=True)
    assert "You have this case now." in text(done)
    assert "take" not in done.context["forms"]
    assert "Nothing was changed" in text(client.post(page, {"verb": "take"}, follow=True))
    assert listed(client, of_reseller("cases"), assignee="mine") == ["Mail is late"]
    assert listed(client, of_reseller("cases"), assignee="nobody") == ["Another"]
    admin = signed_in(cast.resale_one.admin)
    refused = admin.post(page, {"verb": "take"})
    assert refused.status_code == 422
    assert "Sam has taken this case." in text(refused)
    assert listed(admin, of_reseller("cases"), assignee="mine") == []
    admin.post(page, {"verb": "assign", "assignee": str(cast.resale_one.admin.pk)})
    assert listed(admin, of_reseller("cases"), assignee="mine") == ["Mail is late"]
    assert len(whole(admin.get(of_reseller("cases_export"), {"assignee": "mine"})).splitlines()) == 2


def test_S13_the_form_offers_colleagues_who_may_have_the_case(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    client, page = signed_in(cast.resale_one.support_agent), of_reseller("case", case_id=case.pk)
    offered = client.get(page).context["forms"]["assign"].fields["assignee"].queryset
    assert {person.name for person in offered} == {"Sam", "Rita", "Ian", "Ana", "Colin"}
    # Support work is for support staff until the customer has moved: the verb says so.
    refused = client.post(page, {"verb": "assign", "assignee": str(cast.resale_one.agent.pk)})
    assert refused.status_code == 422
    assert "Only colleagues who may work on this case can have it." in text(refused)
    foreign = client.post(page, {"verb": "assign", "assignee": str(cast.resale_two.admin.pk)})
    assert foreign.status_code == 422
    assert not PartnerAssignee.objects.exists()


def test_S13_notes_stand_on_the_page_of_ones_own_people_and_on_no_other(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    open_console(cast)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    partner, page = signed_in(cast.resale_one.support_agent), of_reseller("case", case_id=case.pk)
    assert "Noted. Only your colleagues read it." in text(
        partner.post(page, {"verb": "note", "text": NOTE}, follow=True)
    )
    partner.post(page, {"verb": "take"})
    vendor, desk = signed_in(cast.vendor_support), of_vendor("case", case_id=case.pk)
    vendor.post(desk, {"verb": "note", "text": "Known bug 4711"})
    assert CaseNote.objects.count() == 2
    assert NOTE in text(signed_in(cast.resale_one.admin).get(page))
    said = text(vendor.get(desk))
    assert "Known bug 4711" in said and NOTE not in said
    own = url("support_case", cast.acme.customer, case_id=case.pk)
    agent = signed_in(cast.resale_one.admin)
    assert agent.post(reverse("enter_console", args=["acme.example"])).status_code == 302
    for reader in (signed_in(cast.acme.super_admin), signed_in(cast.acme.support_manager), agent):
        response = reader.get(own)
        assert response.status_code == 200
        found = text(response)
        assert not re.search(rf"{NOTE}|4711|Internal notes|\bSam\b|\bRita\b", found)
    assert agent.post(own, {"verb": "note", "text": "x"}).status_code == 404
    assert agent.post(own, {"verb": "take"}).status_code == 404


def test_S13_neither_notes_nor_assignees_are_searched_or_exported(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    sam = acting(cast.resale_one.support_agent)
    partner_desk.take_at_partner(actor=sam, case_id=case.pk)
    add_note(actor=sam, case_id=case.pk, text=NOTE)
    pages: list[tuple[Client, str]] = [
        (signed_in(cast.acme.super_admin), url("support_cases", cast.acme.customer)),
        (signed_in(cast.vendor_support), of_vendor("cases")),
        (signed_in(cast.resale_one.support_agent), of_reseller("cases")),
    ]
    for client, page in pages:
        assert listed(client, page, q="Fridays") == []
    for client, page in pages[:2]:
        assert not re.search(r"\bSam\b", text(client.get(page)))
    exported = whole(pages[0][0].get(url("support_cases_export", cast.acme.customer))).decode()
    assert not re.search(r"Fridays|\bSam\b|sam@", exported)


def test_S13_vendor_support_takes_from_the_queue_and_sees_who_left(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    vendor, desk = signed_in(cast.vendor_support), of_vendor("case", case_id=case.pk)
    assert "Take it" in text(vendor.get(of_vendor("cases")))
    assert "You have this case now." in text(vendor.post(desk, {"verb": "take"}, follow=True))
    assert "Take it" not in text(vendor.get(of_vendor("cases")))
    assert listed(vendor, of_vendor("cases"), assignee="nobody") == []
    other = signed_in(_second_of_the_desk())
    suspend_user(actor=None, person=cast.vendor_support)
    assert listed(other, of_vendor("cases"), assignee="nobody") == ["Mail is late"]
    said = text(other.get(desk))
    assert "Paul is no longer at vendor support." in said and "Take it" in said
    vendor_desk.take(actor=acting(_second_of_the_desk("Wim")), case_id=case.pk)
    assert "Wim has taken this case." in text(other.post(desk, {"verb": "take"}))
