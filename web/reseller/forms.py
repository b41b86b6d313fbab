from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from subscriptions.access.activating import CASE_NUMBER_MAX_LENGTH, REASON_MAX_LENGTH
from subscriptions.access.extent import Extent
from subscriptions.models import Sku
from subscriptions.models.request import TEXT_MAX_LENGTH
from web.fields import DurationField, LevelField, duration_of, duration_value, hours_choices


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

    def __init__(self, *args: Any, is_asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked again in the transaction that enters.
        self.fields["reason"].required = is_asked


class ActivateForm(forms.Form):
    """What an agent activates access for, and how long (R20); the rules are the verb's."""

    lasts = forms.TypedChoiceField(label=_("Duration"), coerce=duration_of)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What you will do in the console, and who asked for it. The customer reads this."),
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )
    case_number = forms.CharField(
        label=_("Case number"),
        help_text=_("The number of the support case or of your own ticket, if there is one."),
        max_length=CASE_NUMBER_MAX_LENGTH,
        required=False,
    )

    def __init__(self, *args: Any, hours: Iterable[timedelta], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lasts = self.fields["lasts"]
        assert isinstance(lasts, forms.TypedChoiceField)
        lasts.choices = hours_choices(hours)


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
