from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domains import EMAIL_MAX_LENGTH
from accounts.models import Customer
from accounts.organisations import NAME_MAX_LENGTH
from accounts.roles import RESELLER_ROLES, Role
from accounts.staffing import TEAM_NAME_MAX_LENGTH
from web.fields import ManagedEmailField


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
