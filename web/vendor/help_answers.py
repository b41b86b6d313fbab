"""What people answered to *Was this information helpful?*, for those who write the help."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import HelpFeedback
from accounts.roles import Role
from web.guards import vendor_page
from web.help.topics import TOPICS
from web.lists.columns import Rows
from web.lists.filters import ByAge, FilterForm
from web.lists.listing import Listing, Total, counted
from web.lists.pages import page_of
from web.requests import SignedInRequest
from web.vendor.answers_list import COMMENTS, FIGURES, Figures, language_of, title_of

ALL: list[tuple[str, str | Promise]] = [("", _("All"))]
YES, NO = "yes", "no"


class AnswersFilter(ByAge):
    """Which comments are shown: of one text, in one language, of those whom it helped or did not."""

    text = forms.ChoiceField(label=_("Help text"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[*ALL, *settings.LANGUAGES], required=False)
    answer = forms.ChoiceField(label=_("Helpful"), choices=[*ALL, (YES, _("Yes")), (NO, _("No"))], required=False)
    field_order = ("text", "language", "answer", "order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["text"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*ALL, *((slug, topic.title) for slug, topic in TOPICS.items())]

    def filtered(self, answers: QuerySet[HelpFeedback]) -> QuerySet[HelpFeedback]:
        """Return the answers that match; none of them while a field has an error."""
        if not self.is_valid():
            return answers.none()
        asked = self.cleaned_data
        if asked["text"]:
            answers = answers.filter(slug=asked["text"])
        if asked["language"]:
            answers = answers.filter(language=asked["language"])
        return answers.filter(helpful=asked["answer"] == YES) if asked["answer"] else answers


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_help(request: SignedInRequest) -> HttpResponse:
    """Show for each text and language how many it helped, and the comments, the newest first."""
    form = AnswersFilter(request.GET)
    answers = form.filtered(HelpFeedback.objects.all())
    figures = _figures(answers)
    lines = Rows(figures, title=lambda line: f"{line.title}, {line.language}")
    context = {
        "figures": Listing(request, FIGURES, form, lines, None, Total(len(figures))),
        "comments": _comments(request, form, answers.exclude(comment="")),
    }
    return render(request, "vendor/help_answers.html", context)


def _comments(request: SignedInRequest, form: AnswersFilter, comments: QuerySet[HelpFeedback]) -> Listing[HelpFeedback]:
    """Return the comments that the filter above the figures leaves; their order stands in their own header."""
    order = form.chosen_order
    found = page_of(request, comments, f"help answers {order}", by=form.by, size=COMMENTS.size_for(request))
    rows = Rows(found.rows, title=lambda answer: answer.comment)
    return Listing(
        request, COMMENTS, FilterForm(request.GET), rows, found.pager, counted(comments), order, has_heading=True
    )


def _figures(answers: QuerySet[HelpFeedback]) -> list[Figures]:
    """Return a line for each text and language that anyone answered, the one that helped the fewest first."""
    rows = (
        answers.order_by()
        .values_list("slug", "language")
        .annotate(
            helped=Count("pk", filter=Q(helpful=True)),
            not_helped=Count("pk", filter=Q(helpful=False)),
            comments=Count("pk", filter=~Q(comment="")),
        )
    )
    lines = [Figures(title_of(slug), language_of(language), *numbers) for slug, language, *numbers in rows]
    return sorted(lines, key=lambda line: (-line.not_helped, str(line.title), line.language))
