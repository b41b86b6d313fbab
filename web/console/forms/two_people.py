"""The forms of *Two people*: what needs a second super admin, and the answers to a proposal (R21)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models.two_people import Demand
from subscriptions.models.request import TEXT_MAX_LENGTH


class DemandsForm(forms.Form):
    """What a customer demands a second super admin for."""

    demands = forms.TypedMultipleChoiceField(
        label=_("Two super admins decide about"),
        choices=Demand.choices,
        coerce=Demand,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "To untick one of them needs two people itself. Taking access or a role away never does. Tick new super"
            " admins too: otherwise one of you could make another one alone, and have them approve."
        ),
    )


class RejectProposalForm(forms.Form):
    """Why a proposal is rejected."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Your other super admins read this."),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )


class EmergencyForm(forms.Form):
    """Why a super admin decides alone."""

    reason = forms.CharField(
        label=_("Reason for deciding alone"),
        help_text=_("Everybody who was a super admin within the last 72 hours reads this."),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )
