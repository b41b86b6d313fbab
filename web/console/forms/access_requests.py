"""The forms with which a customer answers a request for access, and lets resellers ask at all (R17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.ids import ids_in
from accounts.models import User
from accounts.names import isolated
from subscriptions.access.answering import Answer
from subscriptions.access.extent import Extent
from subscriptions.access.levels import OPENS, contains
from subscriptions.models import AccessRequest, Subscription
from subscriptions.models.level import Level
from subscriptions.models.request import TEXT_MAX_LENGTH
from subscriptions.models.standing import Standing
from web.fields import DurationField, LevelField, StandingField, duration_value


class ApproveForm(forms.Form):
    """What a super admin gives: as asked or narrower.

    seen: what was open when the page was made (R6). confirmed: the words that say what will change were on the screen.
    """

    subscriptions = forms.MultipleChoiceField(
        label=_("Subscriptions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(max_length=2_000, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    field_order = ("level", "standing", "lasts", "subscriptions")

    def __init__(self, *args: Any, asked: AccessRequest, offered: Iterable[Subscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [Level(level) for level in OPENS if contains(asked.level, level)]
        self.fields["level"] = LevelField(levels=levels, initial=asked.level)
        self.fields["standing"] = StandingField(initial=Standing.ALL)
        self.fields["lasts"] = DurationField(longest=asked.lasts, initial=duration_value(asked.lasts))
        subscriptions = self.fields["subscriptions"]
        assert isinstance(subscriptions, forms.MultipleChoiceField)
        subscriptions.choices = [(str(s.pk), s.sku.name) for s in offered]
        subscriptions.initial = [value for value, _name in subscriptions.choices]
        if not subscriptions.choices:
            del self.fields["subscriptions"]
        self.order_fields(self.field_order)

    def answer(self) -> Answer:
        """Return what was chosen."""
        chosen = self.cleaned_data
        extent = Extent(chosen["level"], lasts=chosen["lasts"], standing=chosen["standing"])
        return Answer(extent, frozenset(ids_in(chosen.get("subscriptions", ()))), chosen["seen"])


class RejectForm(forms.Form):
    """Why a request is rejected."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The person who asked reads this."),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )


class HandOnForm(forms.Form):
    """Another super admin who shall answer."""

    person = forms.TypedChoiceField(label=_("Super admin"), coerce=int)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [(admin.pk, f"{isolated(admin.name)} ({admin.email})") for admin in people]


class RequestsPolicyForm(forms.Form):
    """Whether resellers may ask."""

    on = forms.BooleanField(label=_("Resellers may ask for access"), required=False)
