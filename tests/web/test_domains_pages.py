"""The pages *Domains* of a customer and of a reseller, and the URL of a console after its primary domain (P9)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer, Domain, User
from accounts.models.domains import LookAnswer
from accounts.own_domains.adding import add_domain, check_domain
from accounts.own_domains.deciding import verify_domain
from accounts.own_domains.primary import change_primary_domain
from accounts.own_domains.removing import remove_domain
from subscriptions.models import AccessGrant
from tests.cast import Cast
from tests.client import signed_in as browser
from tests.client import url_of as url
from tests.factories import make_customer, make_person
from tests.web.console.pages_world import enter

pytestmark = pytest.mark.django_db


def verified(customer: Customer, name: str) -> Domain:
    return verify_domain(actor=None, organisation=customer, name=name, reason="A contract")


def test_P9_a_domain_is_added_with_its_record_and_checked_from_its_page(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    added = client.post(url("domain_add", acme), {"name": "Brand.example", "kind": "secondary"})
    row = Domain.objects.get(name="brand.example")
    assert added.headers["Location"] == url("own_domain", acme, domain_id=row.pk)
    page = client.get(url("own_domain", acme, domain_id=row.pk)).content.decode()
    assert "_reseller-console.brand.example" in page
    assert f"reseller-console-verification={row.value.hex}" in page
    assert 'hx-trigger="every' not in page
    client.post(url("domain_check", acme, domain_id=row.pk))
    page = client.get(url("own_domain", acme, domain_id=row.pk)).content.decode()
    assert 'hx-trigger="every 2s"' in page and "being looked for" in page


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"look_answer": LookAnswer.NONE, "looked_at": Now()}, "No TXT record was found"),
        ({"look_answer": LookAnswer.OTHER, "looked_at": Now()}, "but with another value"),
        ({"look_answer": LookAnswer.TAKEN, "looked_at": Now()}, "Ask the vendor"),
        (
            {"look_answer": LookAnswer.SILENT, "silent_since": Now(), "look_asked_at": Now(), "look_due_at": Now()},
            "No name server has answered since",
        ),
        ({"contested_at": Now()}, "new ones wait until the vendor has decided"),
        ({"contested_at": Now(), "verified_at": Now(), "verified_how": "txt"}, "Another one has addresses there"),
        ({"holds": False}, "can be given once yours has verified it"),
    ],
)
def test_P9_the_page_says_in_words_what_is(values: dict[str, object], says: str, cast: Cast) -> None:
    acme = cast.acme.customer
    row = add_domain(actor=None, organisation=acme, name="brand.example")
    Domain.objects.filter(pk=row.pk).update(**values)
    for person, may_change in ((cast.acme.super_admin, True), (cast.acme.auditor, False)):
        page = browser(person).get(url("own_domain", acme, domain_id=row.pk)).content.decode()
        assert says in page
        assert (url("domain_remove", acme, domain_id=row.pk) in page) == may_change


def test_P9_what_cannot_be_done_is_said_where_it_was_tried(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    for name, says in (
        ("globex.example", "belongs to another organisation"),
        ("mail.vendor.example", "belongs to another organisation"),
        ("co.uk", "belongs to nobody"),
        ("acme.example", "in your list already"),
    ):
        page = client.post(url("domain_add", acme), {"name": name, "kind": "alias"})
        assert (page.status_code, says in page.content.decode()) == (422, True), name
        assert f'value="{name}"' in page.content.decode()
    make_person(acme, email="ana@brand.example")
    row = Domain.objects.get(name="brand.example")
    page = client.post(url("domain_remove", acme, domain_id=row.pk), follow=True)
    assert "1 address is at this domain" in page.content.decode()
    assert Domain.objects.filter(pk=row.pk).exists()
    page = client.get(url("domain_primary", acme, domain_id=row.pk))
    assert "Verify this domain first" in page.content.decode()
    page = client.post(url("domain_primary", acme, domain_id=row.pk), follow=True)
    assert "Only a verified domain" in page.content.decode()


def test_the_list_is_searched_and_filtered_and_counts_addresses(cast: Cast) -> None:
    acme = cast.acme.customer
    for name in ("bücher.example", "brand.example"):
        add_domain(actor=None, organisation=acme, name=name)
    verified(acme, "brand.example")
    make_person(acme, email="ana@brand.example")
    client = browser(cast.acme.auditor)

    def found(**asked: str) -> dict[str, int]:
        rows = client.get(url("domains", acme), asked).context["list"].rows.rows
        return {row.domain.name: row.addresses for row in rows}

    assert found() == {"acme.example": 4, "brand.example": 1, "xn--bcher-kva.example": 0}
    assert set(found(q="bücher")) == {"xn--bcher-kva.example"}
    assert set(found(kind="primary")) == {"acme.example"}
    assert set(found(verified="no")) == {"xn--bcher-kva.example"}
    assert set(found(verified="yes")) == {"acme.example", "brand.example"}
    assert "bücher.example" in client.get(url("domains", acme)).content.decode()


def test_P9_a_stranger_s_domain_is_no_page(cast: Cast) -> None:
    theirs = add_domain(actor=None, organisation=cast.globex.customer, name="theirs.example")
    partners = add_domain(actor=None, organisation=cast.resale_two.reseller, name="partner.example")
    customer, reseller = browser(cast.acme.super_admin), browser(cast.resale_one.admin)
    for row in (theirs, partners):
        for page in ("own_domain", "domain_primary"):
            assert customer.get(url(page, cast.acme.customer, domain_id=row.pk)).status_code == 404
            assert reseller.get(reverse(f"reseller_{page}", args=[row.pk])).status_code == 404
        for page in ("domain_check", "domain_remove", "domain_primary"):
            assert customer.post(url(page, cast.acme.customer, domain_id=row.pk)).status_code == 404
            assert reseller.post(reverse(f"reseller_{page}", args=[row.pk])).status_code == 404
    assert Domain.objects.filter(pk__in=[theirs.pk, partners.pk], look_asked_at=None).count() == 2


def test_P9_a_reseller_changes_its_primary_domain_on_its_own_page(cast: Cast) -> None:
    reseller, client = cast.resale_one.reseller, browser(cast.resale_one.admin)
    row = verify_domain(actor=None, organisation=reseller, name="brand.example", reason="A contract")
    preview = client.get(reverse("reseller_domain_primary", args=[row.pk])).content.decode()
    assert "brand.example in place of resale-one.example" in preview
    client.post(reverse("reseller_domain_primary", args=[row.pk]))
    reseller.refresh_from_db()
    assert reseller.primary_domain == "brand.example"


# --- The URL of before ---------------------------------------------------------------------------------


@pytest.fixture
def moved(cast: Cast) -> Cast:
    """Acme has another primary domain, and still has the old one."""
    row = verified(cast.acme.customer, "brand.example")
    change_primary_domain(actor=None, domain=row)
    cast.acme.customer.refresh_from_db()
    return cast


def test_P9_the_old_url_leads_on_for_those_who_may_know_the_customer(moved: Cast) -> None:
    client = browser(moved.acme.super_admin)
    answer = client.get("/console/acme.example/users/?q=b%C3%B6&page=2")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/console/brand.example/users/?q=b%C3%B6&page=2")
    assert client.get("/console/ACME.example/", follow=True).status_code == 200
    sent = client.post("/console/acme.example/account/domains/add/", {"name": "form.example", "kind": "alias"})
    assert (sent.status_code, sent.headers["Location"]) == (307, "/console/brand.example/account/domains/add/")
    assert not Domain.objects.filter(name="form.example").exists()
    client.post("/console/acme.example/account/domains/add/", {"name": "form.example", "kind": "alias"}, follow=True)
    assert Domain.objects.filter(name="form.example").exists(), "a form from before is saved behind it"
    assert browser(moved.acme.nobody).get("/console/acme.example/", follow=True).status_code == 403


def test_P9_the_old_url_is_no_page_for_everyone_else_and_takes_the_same_work(moved: Cast) -> None:
    strangers: list[User] = [moved.globex.super_admin, moved.resale_two.admin, moved.vendor_support]
    for person in strangers:
        client, said = browser(person), []
        client.get("/console/first.example/users/")
        for name in ("acme.example", "brand.example", "nobody.example"):
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(f"/console/{name}/users/")
            shapes = [query["sql"].replace(name, "X") for query in queries]
            said.append((answer.status_code, answer.content, len(shapes)))
            lookups = [sql for sql in shapes if "accounts_domain" in sql]
            assert len(lookups) == 1, "one question, whatever the name is"
        assert said[0] == said[1] == said[2]
        assert said[0][0] == 404


def test_P9_the_old_url_ends_with_the_old_domain_and_belongs_to_who_has_it_then(moved: Cast) -> None:
    old = Domain.objects.get(name="acme.example")
    client = browser(moved.acme.super_admin)
    for person in moved.acme.people:
        person.addresses.all().delete()
    remove_domain(actor=None, domain=old)
    assert client.get("/console/acme.example/").status_code == 404
    other = make_customer("Other", "acme.example")
    boss = make_person(other, name="Boss")
    assert client.get("/console/acme.example/").status_code == 404
    assert browser(boss).get("/console/acme.example/").status_code == 403, "their own, without a role"


def test_P9_a_secondary_domain_that_was_never_primary_leads_nowhere(cast: Cast) -> None:
    verified(cast.acme.customer, "brand.example")
    assert browser(cast.acme.super_admin).get("/console/brand.example/").status_code == 404


def test_P9_agents_are_led_on_and_their_lists_have_the_new_domain(cast: Cast) -> None:
    acme, client = cast.acme.customer, enter(cast)
    change_primary_domain(actor=None, domain=verified(acme, "brand.example"))
    assert client.get("/console/acme.example/users/").headers["Location"] == "/console/brand.example/users/"
    assert client.get("/console/acme.example/users/", follow=True).status_code == 200, "still inside"
    grants = AccessGrant.objects.filter(customer=acme)
    assert set(grants.values_list("customer_domain", flat=True)) == {"brand.example"}
    assert client.get("/reseller/customers/brand.example/").status_code == 200


def test_the_worker_is_asked_for_by_the_button(cast: Cast) -> None:
    row = add_domain(actor=None, organisation=cast.resale_one.reseller, name="brand.example")
    browser(cast.resale_one.admin).post(reverse("reseller_domain_check", args=[row.pk]))
    row.refresh_from_db()
    assert row.look_asked_at is not None
    asked_at = row.look_asked_at
    check_domain(actor=None, domain=row)
    row.refresh_from_db()
    assert row.look_asked_at == asked_at
