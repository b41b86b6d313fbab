"""What the pages of customers and resellers share about activations (R20)."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Activation
from accounts.moments import moment_text
from accounts.names import isolated
from subscriptions.access.activating import REASON_MAX_LENGTH


class RejectActivationForm(forms.Form):
    """Why an activation is rejected."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The agent reads this."),
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )


def activation_among(activations: QuerySet[Activation], activation_id: int) -> Activation:
    """Return one of the activations that a person may see; 404 for any other."""
    return get_object_or_404(activations, pk=activation_id)


def approved_text(activation: Activation) -> str:
    """Say what an approval did."""
    assert activation.effective_until is not None
    words = {
        "agent": isolated(activation.agent.name),
        "until": moment_text(activation.effective_until, sentence=True),
    }
    return _("Approved. %(agent)s can enter until %(until)s.") % words
