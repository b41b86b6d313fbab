from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.directory.change import DESCRIPTION_MAX_LENGTH
from accounts.directory.org_units import NAME_MAX_LENGTH
from accounts.directory.tree import Tree
from accounts.models import OrgUnit
from accounts.names import isolated
from web.lists.filters import FilterForm

INHERIT, ON, OFF = "inherit", "on", "off"
_ANSWERS = {INHERIT: None, ON: True, OFF: False}


class UnitField(forms.TypedChoiceField):
    """A unit of one customer's tree, by its path; anybody else's is no choice. `tree` fills it (fill_units)."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"label": _("Organisational unit"), "empty_value": None}
        super().__init__(**{**defaults, **kwargs})

    def fill(self, tree: Tree, *, without: set[int] | None = None, empty: str = "", root: str = "/") -> None:
        """Offer the units of a tree, but those whose ids are in `without`.

        empty: the words for no choice; root: those for the top.
        """
        offered = [
            (pk, isolated(root if path == "/" else path)) for pk, path in tree.choices() if pk not in (without or ())
        ]
        self.choices = [("", empty), *offered] if empty else offered
        self.coerce = lambda value: tree.get(int(value))


class SearchUnitsForm(FilterForm):
    """Search in the tree."""

    q = forms.CharField(label=_("Name of the unit"), max_length=NAME_MAX_LENGTH, required=False)


class CreateOrgUnitForm(forms.Form):
    """A new unit and its place."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH, widget=forms.TextInput({"autocomplete": "off"}))
    parent = UnitField(label=_("Below"), help_text=_("The new unit inherits the settings of this one."))
    description = forms.CharField(label=_("Description"), max_length=DESCRIPTION_MAX_LENGTH, required=False)

    def __init__(self, *args: Any, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_units(self, "parent", tree)


class EditOrgUnitForm(forms.Form):
    """What a unit is called, and its settings. The root has no name, and nothing to inherit."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH, widget=forms.TextInput({"autocomplete": "off"}))
    description = forms.CharField(label=_("Description"), max_length=DESCRIPTION_MAX_LENGTH, required=False)
    approves_mobile_devices = forms.TypedChoiceField(
        label=_("Approval of mobile devices"),
        coerce=_ANSWERS.__getitem__,
        empty_value=None,
        help_text=_(
            "On: an Android device, iPhone or iPad that is enrolled waits until an admin approves it. "
            "Devices that are enrolled already stay as they are."
        ),
    )

    def __init__(self, *args: Any, unit: OrgUnit, inherited: bool, **kwargs: Any) -> None:
        answers = {value: key for key, value in _ANSWERS.items()}
        kwargs["initial"] = {
            "name": unit.name,
            "description": unit.description,
            "approves_mobile_devices": answers[unit.approves_mobile_devices],
        }
        super().__init__(*args, **kwargs)
        field = self.fields["approves_mobile_devices"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(ON, _("On")), (OFF, _("Off"))]
        if unit.parent_id is None:
            del self.fields["name"]
        else:
            as_above = _("As above: on") if inherited else _("As above: off")
            field.choices = [(INHERIT, as_above), *field.choices]


class MoveOrgUnitForm(forms.Form):
    """Under which unit another one is hung."""

    parent = UnitField(label=_("New place below"))

    def __init__(self, *args: Any, tree: Tree, unit: OrgUnit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_units(self, "parent", tree, without=tree.below(unit.pk))


def fill_units(
    form: forms.Form, name: str, tree: Tree, *, without: set[int] | None = None, empty: str = "", root: str = "/"
) -> None:
    """Offer the units of a tree in a field of a form."""
    field = form.fields[name]
    assert isinstance(field, UnitField)
    field.fill(tree, without=without, empty=empty, root=root)
