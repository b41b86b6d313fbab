"""The help of a page, beside it or as a page of its own, and what people say about it."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import HelpFeedback
from web.guards import signed_in
from web.personal.forms import HelpFeedbackForm
from web.requests import SignedInRequest
from web.unsaved import comes_back, is_shown_again

# The help there is, each with its text in templates/personal/help/<slug>.html.
TITLES: dict[str, Promise] = {"reseller-access": gettext_lazy("Help: reseller access")}


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def help_panel(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the help of a page: a fragment to htmx, a whole page without."""
    if request.htmx:
        return render(request, f"personal/help/{_known(slug)}.html")
    return _page(request, slug, HelpFeedbackForm())


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def help_feedback(request: SignedInRequest, slug: str) -> HttpResponse:
    """Store an answer to *Was this information helpful?* without saying whose it is; a few per person and hour."""
    if request.method != "POST":
        return redirect("help_panel", slug=_known(slug))
    form = HelpFeedbackForm(request.POST)
    if not form.is_valid() or is_shown_again(request):
        return _page(request, slug, form, status=422)
    _known(slug)
    if not ratelimit.consume(request, action="help_feedback", user=request.user):
        return _answer(request, slug, _("You have answered several times already. Please try again in an hour."), 429)
    HelpFeedback.objects.create(slug=slug, language=request.LANGUAGE_CODE, **form.cleaned_data)
    return _answer(request, slug, _("Thank you. Your answer helps to make this page better."), 200)


def _known(slug: str) -> str:
    if slug not in TITLES:
        raise Http404
    return slug


def _page(request: SignedInRequest, slug: str, form: HelpFeedbackForm, status: int = 200) -> HttpResponse:
    context = {"slug": _known(slug), "title": TITLES[slug], "text": f"personal/help/{slug}.html", "form": form}
    return render(request, "personal/help/page.html", context, status=status)


def _answer(request: SignedInRequest, slug: str, text: str, status: int) -> HttpResponse:
    """Answer beside the page with a piece of it, otherwise on the help page."""
    if request.htmx:
        # htmx puts no error into the page but this one: the person is to read it.
        return render(request, "personal/help/answer.html", {"text": text}, status=200 if status == 200 else 422)
    messages.add_message(request, messages.SUCCESS if status == 200 else messages.WARNING, text)
    return redirect("help_panel", slug=slug)
