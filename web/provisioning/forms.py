from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models.provisioning import TOKEN_NAME_MAX_LENGTH
from accounts.provisioning.tokens import LASTS
from web.fields import AS_TYPED


def _lasts() -> list[tuple[int, str]]:
    return [(days, ngettext("%(number)s day", "%(number)s days", days) % {"number": days}) for days in LASTS]


class NewTokenForm(forms.Form):
    """A token for one identity provider."""

    name = forms.CharField(
        label=_("Name"),
        max_length=TOKEN_NAME_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED}),
        help_text=_("What uses it, for example Entra ID. The audit log says by this name who changed something."),
    )
    days = forms.TypedChoiceField(
        label=_("How long it works"),
        coerce=int,
        choices=_lasts,
        initial=180,
        widget=forms.RadioSelect,
    )
    invites_people = forms.BooleanField(
        label=_("Send new people an invitation"),
        required=False,
        help_text=_("A mail with a link to choose a password. Leave it out where people sign in with your provider."),
    )
