from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.domains import EMAIL_MAX_LENGTH, canonical_email
from support.models.partner import Service
from web.console.support_overview import SEARCH_MIN_LENGTH


class AssignForm(forms.Form):
    """The verifier's address; the partner itself is found or chosen, and travels as its identifier (S3)."""

    verifier_email = forms.CharField(
        label=_("E-mail address of the verifier"),
        max_length=EMAIL_MAX_LENGTH,
        help_text=_("The person at the partner who confirms that it takes on your support. Ask the partner for it."),
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_verifier_email(self) -> str:
        typed: str = self.cleaned_data["verifier_email"]
        try:
            canonical_email(typed)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return typed


class PartnerSearchForm(forms.Form):
    """A part of a partner's name."""

    q = forms.CharField(label=_("Name of the partner"), min_length=SEARCH_MIN_LENGTH, max_length=100)


class ContractForm(forms.Form):
    """The service of a new contract (S9), and whether it opens the console (S12); the partner is chosen by name."""

    service = forms.ChoiceField(label=_("Service"), choices=Service.choices)
    opens_console = forms.BooleanField(
        label=_("Let the partner open your admin console"),
        help_text=_("Everything but subscriptions and licences. You can change it at any time on Reseller access."),
        required=False,
    )

    def __init__(self, *args: Any, opens_console: bool | None, **kwargs: Any) -> None:
        """Make the form; opens_console: how the box about the console begins, None where there is none to tick."""
        super().__init__(*args, **kwargs)
        if opens_console is None:
            del self.fields["opens_console"]
        else:
            self.fields["opens_console"].initial = opens_console

    def chosen(self) -> Service:
        return Service(self.cleaned_data["service"])
