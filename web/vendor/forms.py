"""The forms of the operators' console."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.clock import database_now
from accounts.directory.rules import roles_of
from accounts.domains import EMAIL_MAX_LENGTH, TYPED_MAX_LENGTH, shown_domain
from accounts.founding import POSTAL_ADDRESS_MAX_LENGTH
from accounts.models.domains import REASON_MAX_LENGTH
from accounts.models.organisations import VENDOR, Organisation
from accounts.organisations import NAME_MAX_LENGTH
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.models.order import PaymentKind
from web.fields import AS_TYPED, ManagedEmailField

_DOMAIN = forms.TextInput({**AS_TYPED, "inputmode": "url"})


class OrganisationForm(forms.Form):
    """A new customer, with the domain that its console is found under."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_MAX_LENGTH)
    primary_domain = forms.CharField(
        label=gettext_lazy("Primary domain"),
        max_length=TYPED_MAX_LENGTH,
        widget=_DOMAIN,
        help_text=gettext_lazy("It counts as verified: you decide that the organisation has it."),
    )
    despite_addresses = forms.BooleanField(
        label=gettext_lazy("Also where others have addresses at this domain"),
        required=False,
        help_text=gettext_lazy("They keep these addresses, and get no more there."),
    )


class ResellerForm(OrganisationForm):
    """A new reseller."""

    postal_address = forms.CharField(
        label=gettext_lazy("Postal address"),
        max_length=POSTAL_ADDRESS_MAX_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Customers see it where they choose a support partner."),
    )
    field_order = ("name", "primary_domain", "postal_address", "despite_addresses")


class DomainReasonForm(forms.Form):
    """What an operator decides about a domain, and why."""

    name = forms.CharField(label=gettext_lazy("Domain"), max_length=TYPED_MAX_LENGTH, widget=_DOMAIN)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_MAX_LENGTH,
        help_text=gettext_lazy("The organisation reads it in its log."),
    )


class RolesForm(forms.Form):
    """The roles of a person, of those that there are in their organisation."""

    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Roles"), coerce=Role, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.ChoiceField)
        known = roles_of(organisation)
        roles.choices = [(role.value, role.label) for role in Role if role in known]


class NewPersonForm(RolesForm):
    """A new person, who gets an invitation (P11)."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_MAX_LENGTH)
    email = ManagedEmailField()
    field_order = ("name", "email", "roles")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, organisation=organisation, **kwargs)
        if organisation is not VENDOR:
            domain = {"domain": shown_domain(organisation.primary_domain)}
            self.fields["email"].help_text = _("An address at %(domain)s.") % domain


class AddressForm(forms.Form):
    """The whole address of one person, in any spelling: the only way to them."""

    email = forms.CharField(
        label=gettext_lazy("Whole e-mail address"),
        max_length=EMAIL_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED, "inputmode": "email"}),
    )


class ExplainForm(AddressForm):
    """Whose right to do what in which console is explained (R24)."""

    permission = forms.TypedChoiceField(label=gettext_lazy("Permission"), coerce=Permission, choices=[])
    domain = forms.CharField(
        label=gettext_lazy("Customer’s primary domain"), max_length=TYPED_MAX_LENGTH, widget=_DOMAIN
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        permission = self.fields["permission"]
        assert isinstance(permission, forms.ChoiceField)
        permission.choices = [(each.value, each.value.removeprefix("accounts.")) for each in Permission]


class PaymentForm(forms.Form):
    """How a customer pays: never a whole number."""

    kind = forms.TypedChoiceField(label=gettext_lazy("Type"), coerce=PaymentKind, choices=PaymentKind.choices)
    holder = forms.CharField(label=gettext_lazy("Holder"), max_length=200)
    institution = forms.CharField(label=gettext_lazy("Brand or bank"), max_length=100, required=False)
    last_digits = forms.CharField(
        label=gettext_lazy("Last four digits"),
        max_length=4,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    expires = forms.DateField(
        label=gettext_lazy("Expires"),
        required=False,
        input_formats=["%Y-%m"],
        widget=forms.TextInput({"placeholder": "2030-12", "autocomplete": "off"}),
        help_text=gettext_lazy("The last month of a card, as year and month: 2030-12."),
    )
    is_primary = forms.BooleanField(label=gettext_lazy("Charged from now on"), required=False)

    def clean_expires(self) -> date | None:
        month: date | None = self.cleaned_data["expires"]
        return month and month.replace(day=calendar.monthrange(month.year, month.month)[1])


class CareDayForm(forms.Form):
    """The day on which a customer moves to the Customer Care Portal (S9)."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean_day(self) -> date:
        """Refuse today, on which a worker moves the customer before its super admins are told (S12)."""
        day: date = self.cleaned_data["day"]
        if day <= database_now().date():
            raise ValidationError(_("Choose a day after today: the super admins are told before."))
        return day
