"""The profile of a customer: what it is called and how it is reached."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.organisations import NAME_MAX_LENGTH
from accounts.postal import PARTS, postal_parts


class ProfileForm(forms.Form):
    """How a customer is called and reached; what the verb refuses is shown beside the field."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH)
    contact_name = forms.CharField(label=_("Contact"), max_length=NAME_MAX_LENGTH, required=False)
    alternate_email = forms.CharField(
        label=_("Alternate e-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput,
        help_text=_("At another domain, for when mail at yours does not work."),
    )
    phone_number = forms.CharField(label=_("Telephone number"), max_length=40, required=False)
    address_line1 = forms.CharField(label=_("Address line 1"), max_length=PARTS["address_line1"], required=False)
    address_line2 = forms.CharField(label=_("Address line 2"), max_length=PARTS["address_line2"], required=False)
    address_line3 = forms.CharField(label=_("Address line 3"), max_length=PARTS["address_line3"], required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=PARTS["postal_code"], required=False)
    locality = forms.CharField(label=_("City"), max_length=PARTS["locality"], required=False)
    region = forms.CharField(label=_("Region"), max_length=PARTS["region"], required=False)
    country_code = forms.CharField(
        label=_("Country"),
        max_length=PARTS["country_code"],
        required=False,
        help_text=_("Two letters, such as DE or FR."),
    )

    @classmethod
    def of(cls, customer: Customer, data: Any) -> ProfileForm:
        """Return the form with what is stored."""
        reached = {name: getattr(customer, name) for name in cls.base_fields if name not in PARTS}
        return cls(data, initial=reached | postal_parts(customer))
