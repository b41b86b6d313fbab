from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.applications.redirects import clean_redirects
from accounts.applications.registering import Where
from accounts.errors import Refused
from accounts.models.machines import ACCOUNT_NAME_MAX_LENGTH
from web.fields import AS_TYPED
from web.service_accounts.forms import ScopesForm


def _redirects(help_text: Any, **field: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Where it leads people back to"),
        max_length=6000,
        widget=forms.Textarea({**AS_TYPED, "rows": 3}),
        help_text=help_text,
        **field,
    )


class AskedForForm(ScopesForm):
    """What an application may ask people for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].label = _("What it may ask for")


class NewApplicationForm(AskedForForm):
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
    redirects = _redirects(
        _("Only for one on a web server: whole addresses with https://, one on each line."), required=False
    )
    field_order = ("name", "where", "redirects", "scopes")

    def clean_redirects(self) -> list[str]:
        """Return the addresses by themselves."""
        typed: str = self.cleaned_data["redirects"]
        return typed.split()


class ChangeApplicationForm(AskedForForm):
    """What an application may ask for; of one on a web server also where it leads people back to."""

    redirects = _redirects(_("Whole addresses with https://, one on each line."))
    field_order = ("redirects", "scopes")

    def __init__(self, *args: Any, on_a_computer: bool, **kwargs: Any) -> None:
        """Take away what nothing can be typed into: on a computer it is that computer."""
        super().__init__(*args, **kwargs)
        if on_a_computer:
            del self.fields["redirects"]

    def clean_redirects(self) -> list[str]:
        """Return the addresses by themselves: all are looked at before one is taken."""
        try:
            return clean_redirects(self.cleaned_data["redirects"].split())
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
