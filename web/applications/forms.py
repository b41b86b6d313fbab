from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.applications.registering import Where
from accounts.models.machines import ACCOUNT_NAME_MAX_LENGTH
from web.fields import AS_TYPED
from web.service_accounts.forms import ScopesForm


class NewApplicationForm(ScopesForm):
    """An application that people of the organisation may allow to act for them."""

    name = forms.CharField(
        label=_("Name"),
        max_length=ACCOUNT_NAME_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED}),
        help_text=_("People are asked by this name, and the audit log says by it what acted."),
    )
    where = forms.ChoiceField(
        label=_("Where it runs"), choices=Where.choices, initial=Where.COMPUTER, widget=forms.RadioSelect
    )
    redirects = forms.CharField(
        label=_("Where it leads people back to"),
        required=False,
        max_length=6000,
        widget=forms.Textarea({**AS_TYPED, "rows": 3}),
        help_text=_("Only for one on a web server: whole addresses with https://, one on each line."),
    )
    field_order = ("name", "where", "redirects", "scopes")

    def clean_redirects(self) -> list[str]:
        """Return the addresses by themselves."""
        typed: str = self.cleaned_data["redirects"]
        return typed.split()
