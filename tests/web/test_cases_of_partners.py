"""Cases on the pages and in the mails of partners and vendor support (S6, S7, R14)."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.urls import reverse

from accounts.mail import sending
from accounts.models import User
from support import cases
from support.models import Attachment, Case, Subscriber
from tests.cast import Cast
from tests.client import content_of as whole
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.support.world import CLOUD, TYPED, WORKSPACE, acting, active, make_case, open_console, remove
from tests.web.cases_pages_world import listed, of_vendor


def of_reseller(name: str, **kwargs: Any) -> str:
    return reverse(f"reseller_{name}", kwargs=kwargs)


def test_only_vendor_support_opens_the_queue(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    pages = [of_vendor("cases"), of_vendor("case", case_id=case.pk)]
    people: dict[User, int] = {
        cast.vendor_support: 200,
        cast.operator: 403,
        cast.acme.super_admin: 404,
        cast.resale_one.admin: 404,
    }
    for person, status in people.items():
        assert [signed_in(person).get(page).status_code for page in pages] == [status] * 2


def test_S6_a_partner_files_on_behalf_of_its_customer_and_both_see_who_did(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    client, new = signed_in(cast.resale_one.support_agent), of_reseller("case_new")
    assert re.findall(r"customer=([\w.]+)", client.get(new).content.decode()) == ["acme.example"]
    services = client.get(new, {"customer": "acme.example"}).context["services"]
    assert services == [WORKSPACE]
    assert client.get(new, {"customer": "globex.example"}).status_code == 404
    done = client.post(new, TYPED | {"customer": "acme.example"}, follow=True)
    assert "Sam, Resale One, on behalf of Acme" in text(done)
    case = Case.objects.get()
    assert "Sam, Resale One, on behalf of Acme" in text(
        signed_in(cast.acme.support_manager).get(url("support_case", cast.acme.customer, case_id=case.pk))
    )
    refused = client.post(new, TYPED | {"customer": "acme.example", "service": "google_cloud"})
    assert "Filed" not in text(refused)
    assert Case.objects.count() == 1


def test_S6_a_partner_lists_every_case_of_its_service_and_no_other(cast: Cast) -> None:
    acme, bob = cast.acme.customer, cast.acme.support_manager
    active(cast.acme, cast.resale_one)
    make_case(acme, bob, title="Filed by the customer")
    cloud = make_case(acme, bob, CLOUD, title="Another service")
    other = make_case(cast.globex.customer, cast.globex.support_manager, title="Another customer")
    client = signed_in(cast.resale_one.support_agent)
    assert listed(client, of_reseller("cases")) == ["Filed by the customer"]
    assert [client.get(of_reseller("case", case_id=case.pk)).status_code for case in (cloud, other)] == [404, 404]


def test_R14_an_agent_inside_an_open_console_works_on_cases_there(cast: Cast) -> None:
    open_console(cast)
    case = make_case(cast.acme.customer, cast.acme.support_manager, CLOUD)
    client = signed_in(cast.resale_one.agent)
    client.post(reverse("enter_console", kwargs={"domain": "acme.example"}))
    assert listed(client, url("support_cases", cast.acme.customer)) == ["Mail is late"]
    page = url("support_case", cast.acme.customer, case_id=case.pk)
    assert "Added." in text(client.post(page, {"verb": "comment", "text": "We look at it"}, follow=True))
    assert listed(client, of_reseller("cases")) == ["Mail is late"]


def test_S7_removal_ends_every_path_at_once(cast: Cast) -> None:
    """List, detail, search, file, export, filing and mail: all worked a moment before."""
    assignment = active(cast.acme, cast.resale_one)
    sam = cast.resale_one.support_agent
    case = make_case(cast.acme.customer, cast.acme.support_manager, title="Confidential")
    file = Attachment.objects.create(
        case=case, name="a", media_type="text/plain", size=1, sha256="0" * 64, uploaded_by=sam
    )
    Subscriber.objects.create(case=case, person=sam)
    client = signed_in(sam)
    page, new = of_reseller("case", case_id=case.pk), of_reseller("case_new")

    def export() -> str:
        response = client.get(of_reseller("cases_export"))
        return whole(response).decode()

    assert listed(client, of_reseller("cases"), q="confid") == ["Confidential"]
    assert client.get(page).status_code == 200
    assert "Confidential" in export()
    assert client.get(new, {"customer": "acme.example"}).status_code == 200
    begun = client.get(of_reseller("cases_export"))
    cases.comment(actor=acting(cast.acme.support_manager), case_id=case.pk, text="Waits to be mailed")

    remove(cast.acme, assignment)
    assert listed(client, of_reseller("cases")) == []
    assert listed(client, of_reseller("cases"), q="confid") == []
    assert listed(client, of_reseller("cases"), q=str(case.pk)) == []
    assert client.get(page).status_code == 404
    assert client.post(page, {"verb": "comment", "text": "x"}).status_code == 404
    assert client.post(of_reseller("case_file", case_id=case.pk, file_id=file.pk)).status_code == 404
    assert client.get(new, {"customer": "acme.example"}).status_code == 404
    assert client.post(new, TYPED | {"customer": "acme.example"}).status_code == 404
    assert "Confidential" not in export()
    assert "Confidential" not in whole(begun).decode()
    mail.outbox.clear()
    sending.send_due_mails()
    assert not [sent for sent in mail.outbox if sam.email in sent.to]


def test_a_mail_about_a_case_says_nothing_of_its_content(cast: Cast) -> None:
    client = signed_in(cast.acme.support_manager)
    client.post(url("support_case_new", cast.acme.customer), TYPED | {"title": "Our secret plan"})
    mail.outbox.clear()
    sending.send_due_mails()
    [sent] = mail.outbox
    assert sent.to == ["bob@acme.example"]
    assert "secret" not in f"{sent.subject} {sent.body}"
    case = Case.objects.get()
    assert f"case {case.pk}" in str(sent.body)
    assert url("support_case", cast.acme.customer, case_id=case.pk) in str(sent.body)


def test_a_partner_s_mail_leads_to_its_own_page_of_the_case(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    signed_in(cast.resale_one.support_agent).post(of_reseller("case_new"), TYPED | {"customer": "acme.example"})
    mail.outbox.clear()
    sending.send_due_mails()
    [sent] = [sent for sent in mail.outbox if sent.to == ["sam@resale-one.example"]]
    assert of_reseller("case", case_id=Case.objects.get().pk) in str(sent.body)
