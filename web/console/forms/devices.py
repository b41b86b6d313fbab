from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.directory.addresses import person_at
from accounts.directory.devices import MODEL_MAX_LENGTH, OS_VERSION_MAX_LENGTH, SERIAL_NUMBER_MAX_LENGTH
from accounts.directory.tree import Tree
from accounts.domains import EMAIL_MAX_LENGTH
from accounts.models import Customer, Device, User
from accounts.models.devices import DEPROVISION_REASONS, DeprovisionReason, DeviceKind, DeviceStatus
from accounts.names import person_named
from web.console.forms.org_units import UnitField, fill_units
from web.fields import PersonInput
from web.lists.filters import FilterForm


class DevicesFilter(FilterForm):
    """Filters the list of devices by serial number, model and user, by kind, status and unit."""

    q = forms.CharField(label=_("Serial number, model or user"), max_length=EMAIL_MAX_LENGTH, required=False)
    kind = forms.ChoiceField(label=_("Type"), choices=[("", _("Any type")), *DeviceKind.choices], required=False)
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("Any status")), *DeviceStatus.choices], required=False
    )
    org_unit = UnitField(label=_("Unit and sub-units"), required=False)

    def __init__(self, *args: Any, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = tree
        fill_units(self, "org_unit", tree, empty=str(_("Any unit")))

    def filtered(self, scope: QuerySet[Device]) -> QuerySet[Device]:
        """Return the devices that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return scope.none()
        asked = self.cleaned_data
        if asked["q"]:
            text = asked["q"].strip()
            scope = scope.filter(
                Q(serial_number__contains="".join(text.split()).upper())
                | Q(model__icontains=text)
                | person_named(text, "user__")
            )
        if asked["org_unit"]:
            scope = scope.filter(org_unit__in=self.tree.below(asked["org_unit"].pk))
        return scope.filter(**{name: asked[name] for name in ("kind", "status") if asked[name]})


class EnrolDeviceForm(forms.Form):
    """A device that is enrolled by hand."""

    kind = forms.ChoiceField(label=_("Type"), choices=DeviceKind.choices)
    serial_number = forms.CharField(
        label=_("Serial number"), max_length=SERIAL_NUMBER_MAX_LENGTH, widget=forms.TextInput({"autocomplete": "off"})
    )
    model = forms.CharField(label=_("Model"), max_length=MODEL_MAX_LENGTH, required=False)
    os_version = forms.CharField(
        label=_("Version of the operating system"), max_length=OS_VERSION_MAX_LENGTH, required=False
    )
    user = forms.CharField(
        label=_("Used by"),
        max_length=EMAIL_MAX_LENGTH,
        required=False,
        widget=PersonInput(),
        help_text=_("The e-mail address of a person in this organisation. Leave it empty for a shared device."),
    )
    org_unit = UnitField(required=False)

    def __init__(self, *args: Any, customer: Customer, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        fill_units(self, "org_unit", tree, empty=str(_("The unit of its user")))

    def clean_user(self) -> User | None:
        """Return the person that the address belongs to."""
        text = self.cleaned_data["user"]
        person = person_at(text, self.customer) if text else None
        if text and person is None:
            raise forms.ValidationError(_("Nobody in this organisation has this address."))
        return person


class ReasonField(forms.TypedChoiceField):
    """Why ChromeOS devices are deprovisioned."""

    def __init__(self, **kwargs: Any) -> None:
        offered = [(reason.value, reason.label) for reason in DEPROVISION_REASONS]
        defaults = {"label": _("Reason for deprovisioning"), "choices": [("", _("Choose a reason")), *offered]}
        super().__init__(
            coerce=DeprovisionReason,
            empty_value=None,
            help_text=_("The audit log keeps it with each ChromeOS device."),
            **{**defaults, **kwargs},
        )


class DeviceAction(forms.Form):
    """What is done with devices that were chosen; for a move: where to; for removing ChromeOS devices: why."""

    APPROVE, BLOCK, MOVE, REMOVE = ACTIONS = ("approve", "block", "move", "remove")

    org_unit = UnitField(label=_("Move to"))
    reason = ReasonField()

    def __init__(self, *args: Any, action: str, chosen: Collection[Device], tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_units(self, "org_unit", tree, empty=str(_("Choose a unit")))
        if action != self.MOVE:
            del self.fields["org_unit"]
        if action != self.REMOVE or all(device.kind != DeviceKind.CHROMEOS for device in chosen):
            del self.fields["reason"]
