"""A customer's rules for reseller access: the longest, what new resellers begin with, activations (R16, R18, R20)."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, KeptOutMachine
from accounts.models.activations import Approval
from subscriptions.access.durations import HOURS
from subscriptions.access.kept_out import kept_out_of, names_of
from subscriptions.models import AccessPolicy
from subscriptions.models.level import Level
from web.fields import DurationField, LevelField, duration_of, duration_value, hours_choices


class AccessPolicyForm(forms.Form):
    """The rules as an admin leaves them."""

    longest = DurationField(
        label=_("Longest access"),
        help_text=_("For access that is given from now on. What is open already stays as it is."),
    )
    level = LevelField(label=_("Level for new resellers"), levels=tuple(reversed(Level)))
    lasts = DurationField(
        label=_("Access of new resellers lasts"),
        help_text=_("A reseller is new when it sells you something for the first time."),
    )

    activation_longest = forms.TypedChoiceField(
        label=_("An activation lasts at most"),
        help_text=_("For resellers to which the console is open only when needed."),
        choices=partial(hours_choices, HOURS),
        coerce=duration_of,
    )
    activation_approval = forms.ChoiceField(
        label=_("Who approves activations"), choices=Approval, widget=forms.RadioSelect
    )

    second_factor = forms.BooleanField(
        label=_("People from outside need a second factor"),
        help_text=_("Who is inside without one is asked for it with their next click."),
        required=False,
    )

    machines = forms.BooleanField(
        label=_("Machines of resellers may work in this console"),
        help_text=_(
            "Programs with a service account, where a person of the reseller may. Without it they stop at once."
        ),
        required=False,
    )
    let_in = forms.TypedMultipleChoiceField(
        label=_("Let machines in again"),
        help_text=_("They were removed in a review, and are kept out. Tick those that may work here again."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, kept_out: Collection[KeptOutMachine], **options: Any) -> None:
        super().__init__(*args, **options)
        if kept_out:
            choices = [(each.account_id, names_of([each])) for each in kept_out]
            self.fields["let_in"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["let_in"]

    @classmethod
    def of(cls, customer: Customer, policy: AccessPolicy, data: Any = None) -> AccessPolicyForm:
        """Return the form with the rules as they are stored."""
        longest, lasts = duration_value(policy.longest), duration_value(policy.new_lasts)
        activation = {
            "activation_longest": duration_value(policy.activation_longest),
            "activation_approval": policy.activation_approval,
        }
        initial = {"longest": longest, "level": policy.new_level, "lasts": lasts} | activation
        asked = {"second_factor": customer.asks_for_second_factor, "machines": customer.admits_machines}
        return cls(data, initial=initial | asked, kept_out=list(kept_out_of(customer)))
