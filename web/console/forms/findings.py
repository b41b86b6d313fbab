"""The form with which a finding is put aside for some time, with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from subscriptions.access.durations import duration_text
from subscriptions.access.findings import Finding
from subscriptions.access.snoozing import SNOOZES
from subscriptions.models.finding import REASON_MAX_LENGTH
from web.fields import duration_value

_LASTS = {duration_value(lasts): lasts for lasts in SNOOZES}


def _choices() -> list[tuple[str, Any]]:
    until_it_changes = _("Until something about it changes")
    return [(value, duration_text(lasts) if lasts else until_it_changes) for value, lasts in _LASTS.items()]


class SnoozeForm(forms.Form):
    """Which finding, for how long, and why.

    finding: its key, as it was shown. There is a form of each on the page, so ids carry it too.
    """

    finding = forms.CharField(max_length=250, widget=forms.HiddenInput)
    lasts = forms.TypedChoiceField(label=_("For how long"), choices=_choices, coerce=_LASTS.__getitem__)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The other super admins of your organisation read this."),
        max_length=REASON_MAX_LENGTH,
    )

    @classmethod
    def of(cls, finding: Finding, data: Any = None) -> SnoozeForm:
        """Return the form of a finding; data: as it was sent."""
        ids = f"id_{finding.kind}_{finding.about or 'account'}_%s"
        return cls(data, initial={"finding": finding.key}, auto_id=ids)


class TakeBackForm(forms.Form):
    """The snooze that is taken back, by its number."""

    snooze = forms.IntegerField(min_value=1, max_value=2**63 - 1)
