from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.domains import EMAIL_MAX_LENGTH
from accounts.models import User
from accounts.names import person_named
from accounts.organisations import NAME_MAX_LENGTH
from accounts.roles import RESELLER_ROLES, Role
from accounts.staffing import TEAM_NAME_MAX_LENGTH
from web.fields import ManagedEmailField, PersonInput
from web.lists.people import PeopleOrder
from web.reseller.role_words import DESCRIPTIONS

_ROLES = [(role.value, role.label) for role in Role if role in RESELLER_ROLES]
_DELETED = "deleted"
_STATUSES: dict[str, dict[str, Any]] = {
    "active": {"is_active": True},
    "suspended": {"is_active": False, "deleted_at": None},
    "invited": {"is_active": True, "last_login": None},
    _DELETED: {"deleted_at__isnull": False},
}


class StaffFilter(PeopleOrder):
    """Filters a reseller's people by name or address, role and status; the deleted are shown where asked for."""

    q = forms.CharField(label=_("Name or e-mail address"), max_length=254, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Any or none")), *_ROLES], required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            ("", _("All but deleted")),
            ("active", _("Active")),
            ("suspended", _("Suspended")),
            ("invited", _("Never signed in")),
            (_DELETED, _("Deleted")),
        ],
        required=False,
    )
    field_order = ("q", "role", "status", "order")

    def filtered(self, people: QuerySet[User]) -> QuerySet[User]:
        """Return the people asked for; nobody while a field has an error."""
        if not self.is_valid():
            return people.none()
        asked = self.cleaned_data
        if asked["q"]:
            people = people.filter(person_named(asked["q"]))
        if asked["role"]:
            people = people.filter(role_assignments__role=asked["role"])
        return people.filter(**_STATUSES.get(asked["status"], {"deleted_at": None}))


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name of the team"), max_length=TEAM_NAME_MAX_LENGTH)


class TeamMemberForm(forms.Form):
    """The address of a person who joins a team, in any spelling (P6)."""

    email = forms.CharField(
        label=_("E-mail address of the new member"),
        max_length=EMAIL_MAX_LENGTH,
        widget=PersonInput(),
    )


class AgentRolesForm(forms.Form):
    """The roles of one of a reseller's people (P4)."""

    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"), coerce=Role, choices=_ROLES, widget=forms.CheckboxSelectMultiple, required=False
    )

    def described(self) -> list[tuple[Any, str]]:
        """Return each box with what its role lets a person do."""
        return [(box, str(DESCRIPTIONS[Role(box.data["value"])])) for box in self["roles"]]


class NewAgentForm(AgentRolesForm):
    """A new person at a reseller, who gets an invitation (P11)."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH)
    email = ManagedEmailField()
    field_order = ("name", "email", "roles")

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("An address at %(domain)s.") % {"domain": domain}
