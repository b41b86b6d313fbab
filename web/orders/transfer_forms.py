"""The forms of a transfer: naming a reseller, a customer's token, and what is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from accounts.ids import ids_in
from subscriptions.lifecycle.terms import MOST_SEATS
from subscriptions.transfer_scope import Group, Line
from subscriptions.transfers import seats_name

# What people type: 16 characters with spaces or dashes between them, and by mistake a little more.
TYPED_MAX_LENGTH = 64


class NamedResellerForm(forms.Form):
    """The reseller who is to take over, by its public identifier."""

    reseller = forms.CharField(
        label=_("Public identifier of the reseller"),
        help_text=_("16 letters and digits. Your reseller finds it on its page Transfers and tells you."),
        max_length=TYPED_MAX_LENGTH,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class NewTokenForm(NamedResellerForm):
    """The reseller that was looked up, and the products that the token is for."""

    products = forms.MultipleChoiceField(
        label=_("Only these products"),
        help_text=_("Without a tick the token is for every product."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, groups: Sequence[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = self.fields["products"]
        assert isinstance(products, forms.MultipleChoiceField)
        products.choices = [(group.product.pk, group.product.name) for group in groups if not group.barred_until]


class TokenForm(forms.Form):
    """Whose subscriptions a reseller takes over, and the token that allows it."""

    domain = forms.CharField(
        label=_("Primary domain of the customer"),
        max_length=253,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    token = forms.CharField(
        label=_("Transfer token"),
        help_text=_("16 letters and digits, with or without spaces. The customer’s super admin generates it."),
        max_length=TYPED_MAX_LENGTH,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class TakeOverForm(forms.Form):
    """Which product groups move, and with how many seats their subscriptions continue (B5)."""

    products = forms.MultipleChoiceField(
        label=_("Products to transfer"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one product.")},
    )

    seen = forms.Field(widget=forms.MultipleHiddenInput, required=False)

    def __init__(self, *args: Any, groups: Sequence[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups
        products = self.fields["products"]
        assert isinstance(products, forms.MultipleChoiceField)
        products.choices = [(group.product.pk, group.product.name) for group in groups if not group.barred_until]
        for line in (line for group in groups if not group.barred_until for line in group.lines):
            if line.least is not None:
                self.fields[seats_name(line.subscription)] = _seats_field(line)

    def clean_seen(self) -> set[int]:
        """Read the subscriptions that the page showed."""
        return ids_in(self.cleaned_data["seen"] or ())

    @property
    def seats(self) -> dict[int, int]:
        """The seats that were typed, by subscription."""
        names = {seats_name(line.subscription): line.subscription.pk for group in self.groups for line in group.lines}
        typed = self.cleaned_data
        return {pk: typed[name] for name, pk in names.items() if typed.get(name) is not None}

    def cards(self) -> list[dict[str, Any]]:
        """Return the groups as the page shows them: each with its subscriptions and their fields."""
        chosen = set(self["products"].value() or ())
        return [
            {
                "group": group,
                "ticked": group.product.pk in chosen,
                "rows": [
                    (line, self[name] if (name := seats_name(line.subscription)) in self.fields else None)
                    for line in group.lines
                ],
            }
            for group in self.groups
        ]


def _seats_field(line: Line) -> forms.IntegerField:
    least = line.least or 1
    most = max(MOST_SEATS, line.subscription.seats or 0)
    if line.subscription.number_of_seats is not None:
        hint = _("At least %(seats)s: the commitment.") % {"seats": number_format(least, force_grouping=True)}
    elif line.in_use:
        hint = _("At least %(seats)s: the licences in use.") % {"seats": number_format(least, force_grouping=True)}
    else:
        hint = ""
    return forms.IntegerField(
        label=_("Seats of %(name)s") % {"name": line.subscription.sku.name},
        help_text=hint,
        min_value=least,
        max_value=most,
        # Nothing typed: the subscription moves with the seats it has.
        required=False,
        error_messages={"min_value": _("Choose at least %(limit_value)s seats.")},
        initial=line.subscription.seats,
    )


def in_fours(code: str) -> list[str]:
    """Return an identifier or a token in the pieces in which people read it out."""
    return [code[start : start + 4] for start in range(0, len(code), 4)]
