"""What the pages of a review do, in a customer's console and at a reseller (R22)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.ids import ids_in
from accounts.keyset import PAGE_SIZE
from accounts.spreadsheets import csv_answer
from subscriptions.models import Review
from subscriptions.reviews.activity import number_left
from subscriptions.reviews.beginning import begin_review, change_review_schedule
from subscriptions.reviews.deciding import decide_lines
from subscriptions.reviews.finishing import finish_review, result_of
from subscriptions.reviews.scope import lines_of, months_between_reviews, next_review, reviews_of
from web.lists.pages import page_of
from web.refusals import told
from web.requests import SignedInRequest
from web.reviews.area import Area
from web.reviews.export import csv_rows
from web.reviews.forms import LineForm, LinesFilter, ScheduleForm
from web.reviews.rows import Row, rows_of
from web.unsaved import is_shown_again


def listed(request: SignedInRequest, area: Area) -> HttpResponse:
    """List the reviews: the open one on top, then the results, the newest first."""
    found = page_of(request, reviews_of(area.owner), area.prefix)
    open_review = next(
        (review for review in reviews_of(area.owner).filter(finished_at=None) if not review.is_over), None
    )
    months = months_between_reviews(area.owner)
    progress = result_of(open_review) if open_review else {}
    context = {
        "area": area,
        "open": open_review,
        "progress": progress,
        "waiting": progress.get("", 0),
        "past": [(review, area.url(review)) for review in found.rows if review != open_review],
        "open_url": area.url(open_review) if open_review else "",
        "pager": found.pager,
        "form": ScheduleForm(initial={"months": months}),
        "months": months,
        "next_at": next_review(area.owner),
    }
    return render(request, "reviews/reviews.html", context)


def begun(request: SignedInRequest, area: Area) -> HttpResponse:
    """Begin a review now."""
    with told(request):
        review = begin_review(actor=Actor.of(request), owner=area.owner)
        return redirect(area.url(review))
    return redirect(area.list_url)


def scheduled(request: SignedInRequest, area: Area) -> HttpResponse:
    """Save how often a review begins by itself."""
    form = ScheduleForm(request.POST)
    with told(request):
        # What is none of the intervals is nobody's choice: the verb says so.
        months = form.cleaned_data["months"] if form.is_valid() else 0
        if change_review_schedule(actor=Actor.of(request), owner=area.owner, months=months):
            messages.success(request, _("Saved."))
        else:
            messages.info(request, _("Nothing was changed."))
    return redirect(area.list_url)


def finished(request: SignedInRequest, area: Area, review_id: int) -> HttpResponse:
    """Finish a review of which everything is decided."""
    review = _review(area, review_id)
    with told(request):
        finish_review(actor=Actor.of(request), owner=area.owner, review_id=review.pk)
        messages.success(request, _("The review is finished. Its result is kept, and cannot be changed any more."))
    return redirect(area.url(review))


def exported(request: SignedInRequest, area: Area, review_id: int) -> HttpResponseBase:
    """Send a review as CSV, in the reader's language and time zone."""
    review = _review(area, review_id)
    rows = csv_rows(review, get_language() or "en", timezone.get_current_timezone())
    name = area.domain or review.owner.primary_domain
    return csv_answer(f"review-{name}-{review.pk}.csv", rows)


def shown(request: SignedInRequest, area: Area, review_id: int) -> HttpResponse:
    """Show a review, 50 lines a page; POST saves what was decided about some of them."""
    review = _review(area, review_id)
    if request.method == "POST":
        if not area.may_decide:
            raise PermissionDenied(_("Your role does not allow this."))
        return _decided(request, area, review)
    lines, asked = lines_of(review), LinesFilter(request.GET)
    lines = asked.filtered(lines) if asked.is_valid() else lines.none()
    found = page_of(request, lines, f"{area.prefix} {review.pk}", by="pk")
    rows = rows_of(review, found.rows)
    if area.may_decide and not review.is_over:
        for row in rows:
            row.form = LineForm(None, row.line, row.facts) if row.can_be_decided else None
    return _page(request, area, review, rows, filter=asked, pager=found.pager)


def _decided(request: SignedInRequest, area: Area, review: Review) -> HttpResponse:
    """Save what was chosen. What cannot be comes back as it was sent, each line with the reason."""
    sent = ids_in(request.POST.getlist("line")[:PAGE_SIZE])
    rows = rows_of(review, list(lines_of(review).filter(pk__in=sent).order_by("pk")))
    forms = {row.line.pk: LineForm(request.POST, row.line, row.facts) for row in rows}
    wrong = [form for form in forms.values() if not form.is_valid()]
    if wrong or is_shown_again(request):
        return _back(request, area, review, forms, {}, status=422 if wrong else 200)
    choices = [form.choice() for form in forms.values() if form.is_chosen]
    refused: Mapping[int, Promise | str] = {}
    with told(request):
        decided = decide_lines(actor=Actor.of(request), owner=area.owner, review_id=review.pk, choices=choices)
        refused = decided.refused
        if decided.number:
            text = ngettext("%(number)s line is decided.", "%(number)s lines are decided.", decided.number)
            messages.success(request, text % {"number": decided.number})
        elif not refused:
            messages.info(request, _("Nothing was chosen, so nothing was saved."))
    if refused:
        return _back(request, area, _review(area, review.pk), forms, refused, status=409)
    return redirect(request.get_full_path())


def _back(
    request: SignedInRequest,
    area: Area,
    review: Review,
    forms: Mapping[int, LineForm],
    refused: Mapping[int, Promise | str],
    *,
    status: int,
) -> HttpResponse:
    """Show the lines that were sent as they are now, with what was chosen and typed where that was not saved."""
    lines = lines_of(review).filter(pk__in=refused or forms).order_by("pk")
    rows = rows_of(review, list(lines))
    for row in rows:
        row.form, row.refused = forms[row.line.pk], str(refused.get(row.line.pk, ""))
    return _page(request, area, review, rows, filter=LinesFilter(request.GET), status=status)


def _page(
    request: SignedInRequest, area: Area, review: Review, rows: Collection[Row], *, status: int = 200, **more: Any
) -> HttpResponse:
    result = result_of(review) if review.result is None else {**review.result, "": review.undecided or 0}
    waiting, is_open = result.get("", 0), not review.is_over
    context = {
        "area": area,
        "review": review,
        "rows": rows,
        "result": result,
        "total": sum(result.values()),
        "waiting": waiting,
        "decided": sum(result.values()) - waiting,
        "is_open": is_open,
        "can_finish": is_open and area.may_decide and not number_left(review, at_most=1),
        "has_forms": any(row.form and row.can_be_decided for row in rows),
        "wrong": [row for row in rows if row.refused or (row.form and row.form.errors)],
        "export_url": area.url(review, "export"),
        "finish_url": area.url(review, "finish"),
        "here": request.get_full_path(),
        **more,
    }
    return render(request, "reviews/review.html", context, status=status)


def _review(area: Area, review_id: int) -> Review:
    review = reviews_of(area.owner).filter(pk=review_id).first()
    if review is None:
        raise Http404
    return review
