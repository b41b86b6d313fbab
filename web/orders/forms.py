"""The forms of ordering and changing subscriptions, and of a reseller's customers. The rules are the verbs'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.domains import TYPED_MAX_LENGTH
from accounts.founding import POSTAL_ADDRESS_MAX_LENGTH
from accounts.organisations import NAME_MAX_LENGTH
from subscriptions.lifecycle.choices import plans_of, skus_of
from subscriptions.lifecycle.consequences import of_renewal
from subscriptions.lifecycle.customers import NewCustomer
from subscriptions.lifecycle.terms import MOST_SEATS, Offer
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import DEAL_CODE_MAX_LENGTH, PURCHASE_ORDER_MAX_LENGTH, Plan, RenewalType


class SeatsField(forms.IntegerField):
    """A number of seats; which numbers a plan allows is up to the verb."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"label": _("Seats"), "min_value": 1, "max_value": MOST_SEATS}
        super().__init__(**{**defaults, **kwargs})


class NotesForm(forms.Form):
    """What a reseller notes about an order."""

    purchase_order_id = forms.CharField(
        label=_("Purchase order"),
        help_text=_("Your own number for this order."),
        max_length=PURCHASE_ORDER_MAX_LENGTH,
        required=False,
    )
    deal_code = forms.CharField(
        label=_("Deal code"),
        help_text=_("The code of a discount that was agreed with the vendor."),
        max_length=DEAL_CODE_MAX_LENGTH,
        required=False,
    )

    def without_notes(self) -> None:
        """Ask for none: only a reseller has them."""
        for name in NotesForm.base_fields:
            del self.fields[name]


class NumberForm(forms.Form):
    """The seats typed once more, where they are more than double; any separators. Without a number it asks nothing."""

    typed = forms.CharField(max_length=20, widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}))

    def __init__(self, *args: Any, number: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        if number is None:
            del self.fields["typed"]
            return
        text = _("That is more than double. Type %(number)s to confirm it")
        self.fields["typed"].label = text % {"number": number_format(number, force_grouping=True)}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if "".join(filter(str.isdigit, typed)) != str(self.number):
            raise ValidationError(_("This is not the number of seats above. Type it again, or change the number."))
        return typed


class OrderForm(NotesForm):
    """What is bought: a product of the catalogue, a plan, seats (B4, B5), and what a reseller notes about it."""

    sku = forms.ModelChoiceField(label=_("Product"), queryset=Sku.objects.none(), empty_label=None)
    plan = forms.TypedChoiceField(label=_("Plan"), choices=Plan.choices, coerce=Plan, initial=Plan.FLEXIBLE)
    seats = SeatsField(required=False, help_text=_("Leave it empty for what is free. A trial has 10 at most."))
    field_order: tuple[str, ...] = ("sku", "plan", "seats")

    def __init__(self, *args: Any, of_reseller: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not of_reseller:
            self.without_notes()
        skus = Sku.objects.select_related("product").order_by("product__name", "name")
        sku = self.fields["sku"]
        assert isinstance(sku, forms.ModelChoiceField)
        sku.queryset = skus
        groups: dict[str, list[tuple[str, str]]] = {}
        for found in skus:
            groups.setdefault(found.product.name, []).append((found.pk, found.name))
        sku.choices = [("", _("Choose a product")), *groups.items()]

    def offer(self) -> Offer:
        """Return what was chosen."""
        chosen = self.cleaned_data
        notes = {name: chosen[name] for name in NotesForm.base_fields if name in chosen}
        return Offer(chosen["sku"], chosen["plan"], chosen["seats"], **notes)


class NewCustomerForm(OrderForm):
    """A customer, its first super admin and its first order (P4)."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=NAME_MAX_LENGTH)
    primary_domain = forms.CharField(
        label=_("Primary domain"),
        max_length=TYPED_MAX_LENGTH,
        help_text=_("The console is found under it, for example example.com."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}),
    )
    postal_address = forms.CharField(
        label=_("Postal address"), max_length=POSTAL_ADDRESS_MAX_LENGTH, widget=forms.Textarea({"rows": 3})
    )
    phone_number = forms.CharField(
        label=_("Telephone number"), max_length=40, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    admin_name = forms.CharField(label=_("Name of the first super admin"), max_length=NAME_MAX_LENGTH)
    admin_email = forms.CharField(
        label=_("E-mail address of the first super admin"),
        max_length=TYPED_MAX_LENGTH,
        help_text=_(
            "At the primary domain. This person gets a mail with a link to choose a password; you never see it."
        ),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}),
    )
    of_customer = ("name", "primary_domain", "postal_address", "phone_number", "admin_name", "admin_email")
    field_order = (*of_customer, *OrderForm.field_order)

    def customer(self) -> NewCustomer:
        """Return the organisation as it was typed in."""
        return NewCustomer(**{name: self.cleaned_data[name] for name in self.of_customer})


class EditCustomerForm(forms.Form):
    """How a customer is reached (P4)."""

    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=POSTAL_ADDRESS_MAX_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    phone_number = forms.CharField(
        label=_("Telephone number"), max_length=40, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )


class StepForm(forms.Form):
    """A step about one subscription that asks for nothing: suspend, reactivate, cancel."""

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscription = subscription

    def outcome(self) -> str:
        """Return what holds from now on, for the message afterwards; empty where the step has said it all."""
        return ""


class StepNotesForm(NotesForm, StepForm):
    """What the reseller that sold a subscription notes about it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subscription.reseller_id is None:
            self.without_notes()
            return
        for name in NotesForm.base_fields:
            self.fields[name].initial = getattr(self.subscription, name)


class SeatsForm(StepNotesForm):
    """Another number of seats (B5), and the order that it came with."""

    seats = SeatsField()
    field_order = ("seats",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seats"].initial = self.subscription.seats

    def clean(self) -> dict[str, Any]:
        """Refuse an order without a change: what is noted is noted with one."""
        cleaned = super().clean() or {}
        if cleaned.get("seats") == self.subscription.seats and set(self.changed_data) & set(NotesForm.base_fields):
            self.add_error("seats", _("Change the seats too, or note the order with “Change purchase order” alone."))
        return cleaned

    def outcome(self) -> str:
        return _seats_now(self.cleaned_data["seats"])


class PlanForm(StepForm):
    """A paid plan to go on with, and its seats (B5)."""

    plan = forms.TypedChoiceField(label=_("Plan"), coerce=Plan)
    seats = SeatsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField)
        plan.choices = [(plan.value, plan.label) for plan in plans_of(self.subscription)]
        # Of a trial: what was chosen in it.
        plan.initial = self.subscription.plan_after_trial
        self.fields["seats"].initial = self.subscription.seats_after_trial or self.subscription.seats

    def outcome(self) -> str:
        return f"{self.cleaned_data['plan'].label}. {_seats_now(self.cleaned_data['seats'])}"


class ChangePlanForm(StepNotesForm, PlanForm):
    """Another plan, its seats, and the order that it came with (B5)."""

    field_order = ("plan", "seats")


class SkuForm(StepNotesForm):
    """Another edition of the same product (B4)."""

    sku = forms.ModelChoiceField(label=_("Edition"), queryset=Sku.objects.none(), empty_label=None)
    field_order = ("sku",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        skus, sku = skus_of(self.subscription), self.fields["sku"]
        assert isinstance(sku, forms.ModelChoiceField)
        sku.queryset = Sku.objects.filter(pk__in=[found.pk for found in skus])
        sku.choices = [(found.pk, found.name) for found in skus]


class RenewalForm(StepForm):
    """What happens when the commitment is over (B7)."""

    renewal = forms.TypedChoiceField(
        label=_("At the end of the commitment"), coerce=RenewalType, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        renewal = self.fields["renewal"]
        assert isinstance(renewal, forms.ChoiceField)
        # Each choice says what it means.
        said = of_renewal(self.subscription)
        renewal.choices = [(choice.value, f"{choice.label}. {sentence}") for choice, sentence in said.items()]
        renewal.initial = self.subscription.renewal_type

    def outcome(self) -> str:
        renewal = self.cleaned_data["renewal"]
        return f"{renewal.label}. {of_renewal(self.subscription)[renewal]}"


def _seats_now(seats: int) -> str:
    said = ngettext("It has %(number)s seat now.", "It has %(number)s seats now.", seats)
    return said % {"number": number_format(seats, force_grouping=True)}
