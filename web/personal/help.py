"""The help: beside a page, as a page of its own, as a list to search, and what people say about it."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import HelpFeedback
from web.guards import signed_in
from web.help.finding import template_of, topics_with
from web.help.topics import Area, Topic, related_to, topic_for, topics_for
from web.personal.forms import HelpFeedbackForm
from web.requests import SignedInRequest
from web.unsaved import comes_back, is_shown_again


@require_safe
@signed_in
def help_index(request: SignedInRequest) -> HttpResponse:
    """List the help texts of this person's pages, or those that have the words that were searched."""
    q = request.GET.get("q", "")[:200].strip()
    topics = topics_for(request.user)
    groups = [(area.value, [topic for topic in topics if topic.area == area]) for area in Area]
    context = {"q": q, "found": topics_with(q, request.user), "groups": [(n, found) for n, found in groups if found]}
    return render(request, "personal/help/index.html", context)


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def help_panel(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the help of a page: a fragment to htmx, a whole page without."""
    topic = _known(request, slug)
    if request.htmx:
        return render(request, "personal/help/panel.html", _context(request, topic) | {"level": "h4", "beside": True})
    return _page(request, topic, HelpFeedbackForm())


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def help_feedback(request: SignedInRequest, slug: str) -> HttpResponse:
    """Store an answer to *Was this information helpful?* without saying whose it is; a few per person and hour."""
    topic = _known(request, slug)
    if request.method != "POST":
        return redirect("help_panel", slug=topic.slug)
    form = HelpFeedbackForm(request.POST)
    if not form.is_valid() or is_shown_again(request):
        return _page(request, topic, form, status=422)
    if not ratelimit.consume(request, action="help_feedback", user=request.user):
        return _answer(request, slug, _("You have answered several times already. Please try again in an hour."), 429)
    HelpFeedback.objects.create(slug=slug, language=request.LANGUAGE_CODE, **form.cleaned_data)
    return _answer(request, slug, _("Thank you. Your answer helps to make this page better."), 200)


def _known(request: SignedInRequest, slug: str) -> Topic:
    topic = topic_for(request.user, slug)
    if topic is None:
        raise Http404
    return topic


def _context(request: SignedInRequest, topic: Topic) -> dict[str, Any]:
    return {
        "topic": topic,
        "text": template_of(topic),
        "related": related_to(topic, request.user),
    }


def _page(request: SignedInRequest, topic: Topic, form: HelpFeedbackForm, status: int = 200) -> HttpResponse:
    context = _context(request, topic) | {"form": form, "level": "h2"}
    return render(request, "personal/help/page.html", context, status=status)


def _answer(request: SignedInRequest, slug: str, text: str, status: int) -> HttpResponse:
    """Answer beside the page with a piece of it, otherwise on the help page."""
    if request.htmx:
        # htmx puts no error into the page but this one: the person is to read it.
        return render(request, "personal/help/answer.html", {"text": text}, status=200 if status == 200 else 422)
    messages.add_message(request, messages.SUCCESS if status == 200 else messages.WARNING, text)
    return redirect("help_panel", slug=slug)
