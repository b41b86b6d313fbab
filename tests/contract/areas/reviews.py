"""Reviews (R22): a customer's of the access it gives, a reseller's of who works for whom."""

from __future__ import annotations

from django.db.models import Model
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.models import AuditEvent
from subscriptions.models import Review, ReviewLine, ReviewSchedule
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import facts_of
from subscriptions.reviews.beginning import begin_review
from subscriptions.reviews.scope import owner_fields
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World

TABLE = """
GET  access_reviews                        ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST access_review_begin                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST access_review_schedule                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  access_review                         ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST access_review                         ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST access_review_finish                  ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  access_review_export                  ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  staffing_reviews                      AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST staffing_review_begin                 AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA NDDDDDD ND      L
POST staffing_review_schedule              AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  staffing_review                       AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST staffing_review                       AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST staffing_review_finish                AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  staffing_review_export                AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""
STAFFING = ("staffing_review", "staffing_review_finish", "staffing_review_export")


def furnish(tenant: Tenant) -> None:
    """A review of each, of which nothing is decided."""
    of_access = begin_review(actor=Actor(tenant.people["super admin"]), owner=tenant.customer)
    of_staffing = begin_review(actor=Actor(tenant.staff["admin"]), owner=tenant.reseller)
    tenant.rows |= {"review of access": of_access, "review of staffing": of_staffing}
    tenant.arguments["<int:review_id>"] = {"review_id": of_access.pk}
    tenant.arguments |= {name: {"review_id": of_staffing.pk} for name in STAFFING}


def more_reviews(world: World) -> None:
    """Finished ones, and the open one of each is among them no more than before."""
    for owner in (world.acme.customer, world.acme.reseller):
        for _ in range(MANY):
            Review.objects.create(
                **owner_fields(owner),
                counts_from=Now(),
                deadline="2100-01-01T00:00Z",
                finished_at=Now(),
                undecided=0,
                result={"keep": 1},
            )


def more_lines(world: World) -> None:
    for name, kind in (("review of access", LineKind.CONSOLE), ("review of staffing", LineKind.AGENT)):
        ReviewLine.objects.bulk_create(
            ReviewLine(
                review=world.acme.rows[name],
                kind=kind,
                about_id=number,
                customer=world.acme.customer,
                reseller=world.acme.reseller,
                who=f"{world.acme.reseller.name} {number}",
                what="",
            )
            for number in range(-MANY, 0)
        )


def open_review(sender: Sender, name: str) -> Review:
    review = sender.world.acme.rows[name]
    assert isinstance(review, Review)
    return review


def lines(sender: Sender, name: str) -> list[Model]:
    return list(ReviewLine.objects.filter(review=open_review(sender, name)).order_by("pk"))


def kept(name: str) -> Post:
    """Everything is kept."""

    def data(sender: Sender) -> Data:
        found = [line.pk for line in lines(sender, name)]
        facts = facts_of(found)
        chosen = {f"{pk}-decision": "keep" for pk in found} | {f"{pk}-note": "As before" for pk in found}
        return {"line": [str(pk) for pk in found]} | chosen | {f"{pk}-seen": facts[pk].generation for pk in found}

    return Post(data, lambda sender: lines(sender, name), (AuditEvent,))


def finished(name: str) -> Post:
    """Everything is decided."""

    def data(sender: Sender) -> Data:
        waiting = ReviewLine.objects.filter(review=open_review(sender, name), decision="")
        waiting.update(decision=Decision.KEEP, decided_at=Now())
        return {}

    return Post(data, lambda sender: [open_review(sender, name), *lines(sender, name)], (AuditEvent,))


def begun(name: str) -> Post:
    """The one that was open is finished."""

    def data(sender: Sender) -> Data:
        finished(name).data(sender)
        before = Review.objects.filter(pk=open_review(sender, name).pk, finished_at=None)
        before.update(finished_at=Now(), undecided=0, result={})
        return {}

    return Post(
        data,
        lambda sender: [open_review(sender, name), *lines(sender, name)],
        (AuditEvent, Review, ReviewLine),
    )


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "access_review_begin": begun("review of access"),
        "access_review_schedule": Post(lambda sender: {"months": "3"}, adds=(ReviewSchedule, AuditEvent)),
        "access_review": kept("review of access"),
        "access_review_finish": finished("review of access"),
        "staffing_review_begin": begun("review of staffing"),
        "staffing_review_schedule": Post(lambda sender: {"months": "3"}, adds=(ReviewSchedule, AuditEvent)),
        "staffing_review": kept("review of staffing"),
        "staffing_review_finish": finished("review of staffing"),
    },
    lists=(
        List("access_reviews", ADMIN, more_reviews),
        List("access_review", ADMIN, more_lines),
        List("access_review_export", ADMIN, more_lines),
        List("staffing_reviews", RESELLER_ADMIN, more_reviews),
        List("staffing_review", RESELLER_ADMIN, more_lines),
        List("staffing_review_export", RESELLER_ADMIN, more_lines),
    ),
    scope_tests={
        "subscriptions.Review": ("tests/reviews/test_deciding.py", "test_R22_a_stranger"),
        "subscriptions.ReviewLine": ("tests/reviews/test_deciding.py", "test_R22_a_stranger"),
        "subscriptions.ReviewSchedule": ("tests/reviews/test_schedule.py", "test_R22_the_schedule_is"),
    },
    verb_modules=(
        "subscriptions.reviews.beginning",
        "subscriptions.reviews.deciding",
        "subscriptions.reviews.finishing",
    ),
    no_verbs={
        "subscriptions.reviews.beginning.begin_due_review": "a step of the sweep: the system's own doing",
        "subscriptions.reviews.beginning.due_reviews": "the sweep",
        "subscriptions.reviews.deciding.clean_note": "spelling",
        "subscriptions.reviews.finishing.end_where_over": "part of a verb: it writes down what the clock has decided",
        "subscriptions.reviews.finishing.locked_review": "a question that keeps its answer true",
        "subscriptions.reviews.finishing.overdue_reviews": "the sweep",
        "subscriptions.reviews.finishing.require_open": "a question",
        "subscriptions.reviews.finishing.result_of": "a question",
        "subscriptions.reviews.finishing.undecided_after_deadline": "a question",
    },
)
