"""A filter by period, in the reader's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web.lists.filters import FilterForm

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
M = TypeVar("M", bound=Model)


class PeriodFilter(FilterForm):
    """Filters rows that have a moment `at` to the days from `since` to `until`."""

    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def clean_since(self) -> date | None:
        return _sane(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        until = _sane(self.cleaned_data["until"])
        since = self.cleaned_data.get("since")
        if since and until and until < since:
            raise forms.ValidationError(_("The end of the period is before its beginning."))
        return until

    def within_period(self, rows: QuerySet[M]) -> QuerySet[M]:
        """Return the rows of the period; the form is valid."""
        asked = self.cleaned_data
        if asked["since"]:
            rows = rows.filter(at__gte=_midnight(asked["since"]))
        if asked["until"]:
            rows = rows.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
        return rows


def _sane(day: date | None) -> date | None:
    if day is not None and not EARLIEST <= day <= LATEST:
        raise forms.ValidationError(_("Choose a day between the years 2000 and 2100."))
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
