"""The forms of a customer's directory: a person, their roles, someone named by an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.directory.closed_roles import closed_roles
from accounts.directory.name_parts import NameParts, clean_parts, parts_of
from accounts.directory.tree import Tree
from accounts.models import Customer, User
from accounts.organisations import NAME_MAX_LENGTH
from accounts.roles import CUSTOMER_ROLES, Role
from web.console.forms.org_units import UnitField, fill_units
from web.console.role_words import DESCRIPTIONS
from web.fields import ManagedEmailField, PersonInput

INVITED, TEMPORARY, BY_LINK = "invitation", "temporary", "link"


class DirectoryEmailField(ManagedEmailField):
    """An address in a customer's directory; without a domain it is at the customer's primary one."""

    domain = ""

    def to_python(self, value: object) -> str:
        text = str(value or "").strip()
        return super().to_python(f"{text}@{self.domain}" if text and "@" not in text.replace("＠", "@") else text)


class AliasForm(forms.Form):
    """One more address, of a person or a group."""

    email = DirectoryEmailField(
        label=gettext_lazy("Alias"),
        help_text=gettext_lazy(
            "An address at a domain of the organisation that nobody has yet, or what stands before the @."
        ),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        assert isinstance(email, DirectoryEmailField)
        email.domain = customer.primary_domain
        email.widget.attrs["autocomplete"] = "off"


class PersonForm(forms.Form):
    """A person of a customer: the parts of their name, address and place in the tree."""

    given_name = forms.CharField(label=gettext_lazy("Given name"), max_length=NAME_MAX_LENGTH)
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=NAME_MAX_LENGTH,
        required=False,
        help_text=gettext_lazy("Leave it empty for a person who has one name only."),
    )
    email = DirectoryEmailField()
    org_unit = UnitField()

    def __init__(self, *args: Any, customer: Customer, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        assert isinstance(email, DirectoryEmailField)
        email.domain = customer.primary_domain
        fill_units(self, "org_unit", tree, root=customer.name)
        for name in ("given_name", "family_name", "email"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def parts(self) -> NameParts:
        """Return the parts of the name, when the form is valid. Raises Refused."""
        return clean_parts(self.cleaned_data["given_name"], self.cleaned_data["family_name"])


class NewPersonForm(PersonForm):
    """A new person, and how they come to their password."""

    password = forms.ChoiceField(
        label=gettext_lazy("First password"),
        choices=[
            (INVITED, gettext_lazy("Send an invitation: a mail with a link to choose one")),
            (TEMPORARY, gettext_lazy("Make a temporary password, and show it to me once")),
            (BY_LINK, gettext_lazy("No password: the user sets one from the sign-in page")),
        ],
        initial=INVITED,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, customer: Customer, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, customer=customer, tree=tree, **kwargs)
        self.fields["email"].help_text = _(
            "What stands before @%(domain)s, or a whole address at another domain of your organisation."
        ) % {"domain": customer.primary_domain}
        self.initial.setdefault("org_unit", tree.root.pk)


class EditPersonForm(PersonForm):
    """What can be changed about a person; another address leaves the old one as an alias."""

    @classmethod
    def of(cls, person: User, data: Any, *, customer: Customer, tree: Tree) -> EditPersonForm:
        # A person of whom only a family name is known is shown by it: a name is needed.
        given, family = parts_of(person) if person.given_name else (person.family_name, "")
        initial = {
            "given_name": given,
            "family_name": family,
            "email": person.email,
            "org_unit": person.org_unit_id,
        }
        form = cls(data, initial=initial, customer=customer, tree=tree)
        form.fields["email"].help_text = _(
            "With a new address the person signs in by the new one; the old one stays as an alias."
        )
        return form


class RolesForm(forms.Form):
    """The admin roles of one person (P3)."""

    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Admin roles"),
        coerce=Role,
        choices=[(role.value, role.label) for role in Role if role in CUSTOMER_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    @classmethod
    def of(cls, person: User, data: Any) -> RolesForm:
        """Return the boxes of a person: without a role that cannot be given any more, but one that is held (S12)."""
        form = cls(data, initial={"roles": sorted(person.roles)})
        closed = closed_roles(person.customer) if person.customer else {}
        boxes = form.fields["roles"]
        assert isinstance(boxes, forms.TypedMultipleChoiceField)
        boxes.choices = [
            (role.value, role.label)
            for role in Role
            if role in CUSTOMER_ROLES and (role not in closed or role in person.roles)
        ]
        return form

    @property
    def described(self) -> list[tuple[Any, str]]:
        """Each box with what its role lets someone do."""
        return [(box, str(DESCRIPTIONS[Role(box.data["value"])])) for box in self["roles"]]


class AddressForm(forms.Form):
    """A person of the directory, named by an address."""

    email = DirectoryEmailField(widget=PersonInput())

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        assert isinstance(email, DirectoryEmailField)
        email.domain = customer.primary_domain
