"""The forms of reviews: how often, which lines to show, and what is decided about each (R22)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.names import storable
from subscriptions.access.durations import DURATIONS, HOUR, duration_text
from subscriptions.access.levels import OPENS, contains
from subscriptions.models import ReviewLine
from subscriptions.models.level import Level
from subscriptions.models.review import NOTE_MAX_LENGTH, Decision, LineKind
from subscriptions.reviews.activity import Facts
from subscriptions.reviews.kinds import Choice
from subscriptions.reviews.scope import INTERVALS
from web.lists.filters import FilterForm

_WAITING = "waiting"


class ScheduleForm(forms.Form):
    """How often a review begins by itself."""

    months = forms.TypedChoiceField(
        label=_("A review begins"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", _("Only when one of us begins it")), *((number, _every(number)) for number in INTERVALS)],
    )


def _every(number: int) -> str:
    return ngettext("Every month", "Every %(number)s months", number) % {"number": number}


class LinesFilter(FilterForm):
    """Which lines of a review are shown."""

    q = forms.CharField(label=_("Search"), max_length=200, required=False)
    show = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[("", _("All")), (_WAITING, _("Undecided")), *Decision.choices],
    )

    def filtered(self, lines: QuerySet[ReviewLine]) -> QuerySet[ReviewLine]:
        asked = self.cleaned_data
        if typed := storable(asked["q"]):
            named = Q(who__icontains=typed) | Q(what__icontains=typed)
            lines = lines.filter(named | Q(who_address__icontains=typed) | Q(what_domain__icontains=typed))
        if asked["show"]:
            lines = lines.filter(decision="" if asked["show"] == _WAITING else asked["show"])
        return lines


class LineForm(forms.Form):
    """What is decided about one line; its fields carry the line's number.

    seen: the generation that the page showed.
    """

    decision = forms.ChoiceField(label=_("Decision"), required=False, widget=forms.RadioSelect)
    level = forms.ChoiceField(label=_("Level"), required=False)
    lasts = forms.TypedChoiceField(
        label=_("Duration"),
        required=False,
        coerce=lambda text: int(text) * HOUR,
        empty_value=None,
        choices=lambda: [("", _("As it is")), *((str(d // HOUR), duration_text(d)) for d in DURATIONS)],
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=NOTE_MAX_LENGTH, widget=forms.Textarea({"rows": 1})
    )
    seen = forms.IntegerField(min_value=0, max_value=999_999_999, widget=forms.HiddenInput, initial=0)

    def __init__(self, data: Any, line: ReviewLine, facts: Facts) -> None:
        super().__init__(data, prefix=str(line.pk), initial={"level": facts.level, "seen": facts.generation})
        self.line = line
        self.can_narrow = line.kind == LineKind.CONSOLE
        decision, level = self.fields["decision"], self.fields["level"]
        assert isinstance(decision, forms.ChoiceField)
        assert isinstance(level, forms.ChoiceField)
        left_out = {Decision.ENDED} if self.can_narrow else {Decision.ENDED, Decision.NARROW}
        decision.choices = [(d.value, d.label) for d in Decision if d not in left_out]
        if self.can_narrow:
            # All of them where a form comes back: what is open now may be less than what the page showed.
            levels = [v for v in OPENS if data is not None or contains(facts.level, v)]
            level.choices = [(v, Level(v).label) for v in levels]
        else:
            del self.fields["level"], self.fields["lasts"]

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("note") and not asked.get("decision"):
            self.add_error("decision", _("Choose a decision for what you noted."))
        return asked

    @property
    def is_chosen(self) -> bool:
        return bool(self.cleaned_data.get("decision"))

    def choice(self) -> Choice:
        """Return what was decided."""
        asked = self.cleaned_data
        return Choice(
            self.line.pk,
            Decision(asked["decision"]),
            asked["note"],
            asked["seen"],
            asked.get("level", ""),
            asked.get("lasts"),
        )
