from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.directory.change import DESCRIPTION_MAX_LENGTH
from accounts.directory.group_members import MAX_LINES
from accounts.domains import EMAIL_MAX_LENGTH
from accounts.models import Customer, DirectoryGroup, GroupMember
from accounts.models.directory import MemberRole, WhoMay
from accounts.names import named, person_named
from accounts.organisations import NAME_MAX_LENGTH
from web.console.forms.people import DirectoryEmailField
from web.fields import AS_TYPED, PeopleArea
from web.lists.filters import OLDEST, ByAge, FilterForm


class GroupsFilter(FilterForm):
    """Filters the list of groups by a part of the name or of the address."""

    q = forms.CharField(label=_("Name or group address"), max_length=EMAIL_MAX_LENGTH, required=False)

    def filtered(self, scope: QuerySet[DirectoryGroup]) -> QuerySet[DirectoryGroup]:
        """Return the groups that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return scope.none()
        if text := self.cleaned_data["q"]:
            scope = scope.filter(named(text))
        return scope


class MembersFilter(ByAge):
    """Filters the members of a group by name, address and role."""

    q = forms.CharField(label=_("Name or e-mail address"), max_length=EMAIL_MAX_LENGTH, required=False)
    role = forms.ChoiceField(
        label=_("Role in the group"), choices=[("", _("Any role")), *MemberRole.choices], required=False
    )
    field_order = ("q", "role", "order")
    first_order = OLDEST

    def filtered(self, scope: QuerySet[GroupMember]) -> QuerySet[GroupMember]:
        """Return the members that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return scope.none()
        if text := self.cleaned_data["q"]:
            scope = scope.filter(person_named(text, "user__") | named(text, "subgroup__"))
        if role := self.cleaned_data["role"]:
            scope = scope.filter(role=role)
        return scope


class GroupForm(forms.Form):
    """What a group is called."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH, widget=forms.TextInput({"autocomplete": "off"}))
    email = DirectoryEmailField(
        label=_("Group address"),
        widget=forms.TextInput({**AS_TYPED, "inputmode": "email"}),
        help_text=_(
            "An address that nobody has yet, or what stands before the @: mail to it reaches everybody in the group."
        ),
    )
    description = forms.CharField(label=_("Description"), max_length=DESCRIPTION_MAX_LENGTH, required=False)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        assert isinstance(email, DirectoryEmailField)
        email.domain = customer.primary_domain


class GroupAccessForm(forms.Form):
    """Who may do what with a group: for the customer's own admins only (R14)."""

    who_may_join = forms.TypedChoiceField(label=_("Who may join"), choices=WhoMay.choices, coerce=WhoMay)
    who_may_post = forms.TypedChoiceField(label=_("Who may write to the group"), choices=WhoMay.choices, coerce=WhoMay)
    who_may_see_members = forms.TypedChoiceField(
        label=_("Who may see the members"), choices=WhoMay.choices, coerce=WhoMay
    )


class AddMembersForm(forms.Form):
    """Addresses of people and groups, one per line, and the role that the people get."""

    members = forms.CharField(
        label=_("E-mail addresses"),
        # 500 addresses as long as they may be, each with its line end.
        max_length=MAX_LINES * (EMAIL_MAX_LENGTH + 2),
        widget=PeopleArea(rows=10, groups=True),
        help_text=_(
            "People and groups of this organisation, one address per line or with commas or semicolons between them, "
            "at most 500. Nobody is added until every line is right."
        ),
    )
    role = forms.TypedChoiceField(
        label=_("Role in the group"),
        choices=MemberRole.choices,
        coerce=MemberRole,
        initial=MemberRole.MEMBER,
        help_text=_("Groups become plain members, whatever is chosen. Existing members keep their role."),
    )


class MemberRoleForm(forms.Form):
    """The role of a person in a group."""

    role = forms.TypedChoiceField(label=_("Role in the group"), choices=MemberRole.choices, coerce=MemberRole)
