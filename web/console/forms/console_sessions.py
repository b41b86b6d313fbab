from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class EntryReasonForm(forms.Form):
    """Whether external users must say why they enter (R15)."""

    required = forms.BooleanField(
        label=_("Ask for a reason"),
        help_text=_("External users must give a reason to enter this console, and can name a case number."),
        required=False,
    )


class EndSessionForm(forms.Form):
    """The session that a super admin ends, by its number."""

    session = forms.IntegerField(min_value=1, max_value=2**63 - 1)
