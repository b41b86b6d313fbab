from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domains import EMAIL_MAX_LENGTH
from accounts.models import Customer
from accounts.organisations import NAME_MAX_LENGTH
from accounts.roles import RESELLER_ROLES, Role
from accounts.staffing import TEAM_NAME_MAX_LENGTH
from subscriptions.access.extent import Extent
from subscriptions.models import Sku
from subscriptions.models.request import TEXT_MAX_LENGTH
from web.fields import DurationField, LevelField, ManagedEmailField, duration_value


class EntryForm(forms.Form):
    """Why an external user enters a console; asked only where the customer wants to know (R15)."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What you will do in the console, and who asked for it."),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    case_number = forms.CharField(
        label=_("Case number"),
        help_text=_("The number of the support case or of your own ticket, if there is one."),
        max_length=40,
        required=False,
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked again in the transaction that enters.
        self.fields["reason"].required = customer.asks_for_entry_reason


class AskForm(forms.Form):
    """What a reseller asks a customer for (R17); the rules are the verb's."""

    level = LevelField(
        help_text=_("Ask for no more than your work needs: the customer can give less than you ask for.")
    )
    lasts = DurationField(
        initial=duration_value(timedelta(days=7)), help_text=_("It counts from when the approved access takes effect.")
    )
    skus = forms.ModelMultipleChoiceField(
        Sku.objects.order_by("name"),
        label=_("Subscriptions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What you will do, and why. The customer reads this."),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, support_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if support_only:
            del self.fields["skus"]

    def wanted(self) -> dict[str, Any]:
        """Return the arguments of the verb."""
        chosen = self.cleaned_data
        extent = Extent(chosen["level"], lasts=chosen["lasts"])
        return {"extent": extent, "skus": [sku.pk for sku in chosen.get("skus", ())], "reason": chosen["reason"]}


class StaffSearchForm(forms.Form):
    """Search in a list of a reseller's staff page."""

    q = forms.CharField(label=_("Name or e-mail address"), max_length=254, required=False)


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name of the team"), max_length=TEAM_NAME_MAX_LENGTH)


class TeamMemberForm(forms.Form):
    """The address of a person who joins a team, in any spelling (P6)."""

    email = forms.CharField(
        label=_("E-mail address of the new member"),
        max_length=EMAIL_MAX_LENGTH,
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off"}),
    )


class AgentRolesForm(forms.Form):
    """The roles of one of a reseller's people (P4)."""

    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        coerce=Role,
        choices=[(role.value, role.label) for role in Role if role in RESELLER_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class NewAgentForm(AgentRolesForm):
    """A new person at a reseller, who gets an invitation (P11)."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH)
    email = ManagedEmailField()
    field_order = ("name", "email", "roles")
