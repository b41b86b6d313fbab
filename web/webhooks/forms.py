from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.event_families import Family
from accounts.models.organisations import Organisation
from accounts.models.webhooks import ENDPOINT_NAME_MAX_LENGTH, URL_MAX_LENGTH
from accounts.webhooks.rules import families_for
from web.fields import AS_TYPED


class NewWebhookForm(forms.Form):
    """A URL that hears of events."""

    name = forms.CharField(
        label=_("Name"),
        max_length=ENDPOINT_NAME_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED}),
        help_text=_("What listens there, for example Ticketing."),
    )
    # Not a URLField: what is allowed is more narrow, and the verb says it (accounts/webhooks/outgoing.py).
    url = forms.CharField(
        label=_("URL"),
        max_length=URL_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED, "inputmode": "url"}),
        help_text=_("A server on the public internet that begins with https://. Redirects are not followed."),
    )
    families = forms.TypedMultipleChoiceField(
        label=_("What it hears of"),
        coerce=Family,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It gets what the audit log shows of these, from now on."),
    )

    def __init__(self, *args: object, organisation: Organisation, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        choices = [(each.value, each.label) for each in families_for(organisation)]
        self.fields["families"].choices = choices  # type: ignore[attr-defined]
