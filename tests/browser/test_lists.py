"""Lists look alike from row to row, in every language and width."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import Domain, HelpFeedback, Job, User
from accounts.models.jobs import JobKind, JobStatus
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.access.propagation import apply_due_changes
from subscriptions.licensing import assign_licences
from subscriptions.lifecycle import Offer, order_subscription
from subscriptions.models import AccessChange, Sku, Subscription
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.subscription import Plan
from tests.access.world import wish
from tests.browser import directory, stage
from tests.browser.journey import Journey
from tests.browser.stage import WORKSPACE, Scene
from tests.factories import make_customer, make_person

# How far the status of each row stands from where its name begins, and whether they overlap.
ROWS = """() => [...document.querySelectorAll("main .lines--status > li")].map((row) => {
  const [name, status] = [row.children[0], row.children[1]].map((part) => part.getBoundingClientRect());
  return status.left >= name.right && status.right <= row.getBoundingClientRect().right + 1;
})"""

# How far the widest of these parts of a page is wider than what shows it, in pixels.
TOO_WIDE = """(parts) => Math.max(...[...document.querySelectorAll(parts)].map(
  (part) => part.scrollWidth - part.clientWidth))"""
# How far what a person sees of a table ends behind the card that it stands in.
BESIDE = """() => Math.max(...[...document.querySelectorAll(".list .table-wrap")].map((wrap) => {
  const seen = getComputedStyle(wrap).overflowX === "visible" ? wrap.firstElementChild : wrap;
  return seen.getBoundingClientRect().right - wrap.closest(".list").getBoundingClientRect().right;
}))"""
# The tallest row of the list, and how far from the top its first row begins, in pixels.
TALLEST = """() => Math.max(
  ...[...document.querySelectorAll(".list tbody tr")].map((row) => row.getBoundingClientRect().height))"""
# Whether all of a button is inside the line of buttons that is scrolled.
SEEN = """(button) => {
  const [own, line] = [button, button.parentElement].map((part) => part.getBoundingClientRect());
  return own.left >= line.left - 1 && own.right <= line.right + 1;
}"""
# Of each row that needs attention: whether what leads onwards begins below its text.
BELOW = """() => [...document.querySelectorAll("[aria-labelledby=attention-title] .lines > li")].map((row) =>
  row.children[1].getBoundingClientRect().top >= row.children[0].getBoundingClientRect().bottom - 1)"""
FIRST_ROW = """() => document.querySelector(".list tbody tr").getBoundingClientRect().top + scrollY"""


def test_a_status_stands_beside_its_name_in_each_row_of_a_resellers_home(journey: Journey) -> None:
    scene, offer = journey.scene, Offer(Sku.objects.get(pk=WORKSPACE), Plan.FLEXIBLE, 5)
    closing, opening = make_customer("Northern Lighthouses and Harbours", "harbours.example"), scene.globex
    order_subscription(actor=None, customer=closing, reseller=scene.resale, offer=offer)
    apply_due_changes()
    admin = Actor(make_person(closing, Role.SUPER_ADMIN))
    box = wish(closing, scene.resale, allowed=False)
    desired.save_reseller_access(actor=admin, customer=closing, desired=[box])
    order_subscription(actor=None, customer=opening, reseller=scene.resale, offer=offer)
    page = journey.sit_down(scene.rosa)
    journey.visit(page, "/reseller/home/")
    rows = page.evaluate(ROWS)
    assert len(rows) == 2
    assert all(rows)


def furnish(scene: Scene) -> dict[str, int]:
    """Something in every list: returns ids by name."""
    acme, workspace = scene.acme, Offer(Sku.objects.get(pk=WORKSPACE), Plan.FLEXIBLE, 5)
    ids = directory.furnish(scene)
    stage.live_with_support(scene)
    make_person(acme, name="Maximiliane Featherstonehaugh", email="maximiliane.featherstonehaugh@acme.example")
    assign_licences(
        actor=None,
        subscription=Subscription.objects.get(customer=acme, reseller=None),
        people=User.objects.filter(pk=scene.alice.pk),
    )
    for number in range(2):
        customer = make_customer(f"Northern Lighthouses and Harbours {number}", f"harbours-{number}.example")
        order_subscription(actor=None, customer=customer, reseller=scene.resale, offer=workspace)
    apply_due_changes()
    failed = AccessChange.objects.latest("pk")
    AccessChange.objects.filter(pk=failed.pk).update(outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP)
    for kind, of in (
        (JobKind.CHANGE_USERS, {"customer": acme}),
        (JobKind.CHANGE_CUSTOMERS, {"reseller": scene.resale}),
    ):
        by = scene.alice if "customer" in of else scene.rosa
        arguments = {"action": "suspend" if "customer" in of else "assign_staff"}
        Job.objects.create(kind=kind, status=JobStatus.DONE, requested_by=by, arguments=arguments, **of)
    HelpFeedback.objects.create(slug="support-partners-before", language="fr", helpful=False, comment="Trop long. " * 9)
    User.objects.filter(customer=acme).update(last_login=Now())
    with transaction.atomic():
        subject = "maximiliane.featherstonehaugh@acme.example"
        agent = Actor(scene.rosa, "203.0.113.250").as_support_partner()
        record_audit(EventName.ADD_GROUP_MEMBER, actor=agent, customer=acme, subject=subject, new={"member": subject})
    Domain.objects.create(customer=acme, name="shared.example", kind="secondary", contested_at=Now())
    return ids | {"subscription": Subscription.objects.get(customer=acme, reseller=None).pk, "rosa": scene.rosa.pk}


# Who looks at each list, and whether it begins a page: others are one section of a page about something else.
ALICES = ["users/", "groups/", "devices/", "subscriptions/", "audit/", "support/cases/", "licences/", "users/jobs/"]
PARTS = ["billing/", "groups/{group}/", "licences/{subscription}/"]
ROSAS = [
    "/reseller/",
    "/reseller/staff/",
    "/reseller/activity/",
    "/reseller/jobs/",
    "/reseller/staff/agents/{rosa}/customers/",
]
OLGAS = ["/operations/access-changes/?show=failed", "/operations/help/"]
OLGAS += ["/operations/organisations/", "/operations/domains/", "/operations/audit-log/"]
VERAS = ["/vendor/support/cases/"]
# Where a cell says several things, or a sentence, a row has several lines.
SEVERAL_LINES = {"audit/", "support/cases/", "billing/", "/reseller/activity/", *OLGAS, *VERAS}


def test_lists_fit_every_width_and_rows_are_of_one_line_where_there_is_room(journey: Journey) -> None:
    scene = journey.scene
    ids = furnish(scene)
    bad = []
    for person, paths in (
        (scene.alice, ALICES + PARTS),
        (scene.rosa, ROSAS),
        (scene.olga, OLGAS),
        (scene.vera, VERAS),
    ):
        page = journey.sit_down(person)
        for path in paths:
            journey.go(page, path.format(**ids))
            for width in (1280, 1024, 760, 390):
                page.set_viewport_size({"width": width, "height": 900})
                parts = "html, .list .table-wrap" if width == 1280 else "html"
                bad += [(path, width, "beside", x)] if (x := page.evaluate(BESIDE)) > 1 else []
                bad += [(path, width, "wide", x)] if (x := page.evaluate(TOO_WIDE, parts)) > 0 else []
                if width == 1280 and path not in SEVERAL_LINES:
                    bad += [(path, width, "tall", x)] if (x := page.evaluate(TALLEST)) >= 50 else []
                filters = page.locator(".list__filter > .menu > summary")
                if width == 390 and filters.count():
                    filters.first.click()
                    bad += [(path, width, "filters", x)] if (x := page.evaluate(TOO_WIDE, "html")) > 0 else []
                    filters.first.click()
                if width in (1280, 390) and path not in PARTS:
                    bad += [(path, width, "row", x)] if (x := page.evaluate(FIRST_ROW)) > 300 else []
    print(bad)
    assert not bad, "\n".join(map(str, bad))


def test_buttons_for_selected_rows_take_one_line_where_the_window_is_narrow(journey: Journey) -> None:
    furnish(journey.scene)
    page = journey.sit_down(journey.scene.alice)
    page.set_viewport_size({"width": 390, "height": 900})
    journey.go(page, "users/")
    page.locator(".list tbody .list__box input").first.check()
    bar = page.locator(".list__bulk")
    box = bar.bounding_box()
    assert box is not None and box["height"] <= 150
    last = bar.locator("button").last
    last.focus()
    assert page.evaluate(SEEN, last.element_handle()), "a button that is reached by the keyboard is seen"
    journey.look(page)


def test_what_leads_onwards_stands_below_the_text_of_a_home_page_where_the_window_is_narrow(journey: Journey) -> None:
    directory.furnish(journey.scene)
    page = journey.sit_down(journey.scene.alice)
    page.set_viewport_size({"width": 390, "height": 900})
    journey.go(page, "/console/acme.example/")
    rows = page.evaluate(BELOW)
    assert rows and all(rows)


def test_a_resellers_page_of_support_fits_a_middling_window(journey: Journey) -> None:
    stage.live_with_support(journey.scene)
    page = journey.sit_down(journey.scene.lena)
    for width in (1280, 1024, 760):
        page.set_viewport_size({"width": width, "height": 900})
        journey.go(page, "/reseller/support/")
        assert page.evaluate(TOO_WIDE, "html, .table-wrap") <= 0, width
