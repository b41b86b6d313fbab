from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.domains import typed_domain
from accounts.models import Team, User
from accounts.models.jobs import BulkAction
from accounts.roles import ASSIGNED_CUSTOMERS_ROLES
from subscriptions.access.grouped import groups_of
from subscriptions.access.scope import subscriptions_sold_by
from subscriptions.lifecycle.terms import MOST_SEATS
from subscriptions.models import Sku
from subscriptions.models.level import Level
from subscriptions.models.request import TEXT_MAX_LENGTH
from subscriptions.models.subscription import RenewalType, Status
from web.fields import DurationField, LevelField
from web.reseller.forms import AskForm

# As many as stay chosen over several pages of the list; more are chosen by the filter.
CUSTOMERS_AT_MOST: Final = 1_000
ADD, SET = "add", "set"


class CustomersBulkForm(forms.Form):
    """What to do with several customers, and with which: those ticked, or all that the filter of the list finds.

    The list posts the action alone first; what it takes beside is asked for on the page that follows.
    """

    action = forms.ChoiceField(label=_("Action"), widget=forms.HiddenInput)
    customer = forms.MultipleChoiceField(label=_("Customers"), required=False, widget=forms.MultipleHiddenInput)
    everybody = forms.BooleanField(required=False, widget=forms.HiddenInput)
    filter = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    # What each field says where it is left empty.
    empty: Final[Mapping[str, Promise]] = {
        "level": _("Choose a level."),
        "lasts": _("Choose how long."),
        "reason": _("Enter a reason."),
        "sku": _("Choose a product."),
        "seats": _("Enter a number of seats."),
        "way": _("Choose how the seats change."),
        "renewal": _("Choose what happens at the end of the commitment."),
        "worker": _("Choose an agent or a team."),
        "group": _("Choose a group or a tag."),
    }
    takes: Final[Mapping[str, tuple[str, ...]]] = {
        BulkAction.ASK_ACCESS: ("level", "lasts", "reason"),
        BulkAction.CHANGE_SEATS: ("sku", "way", "seats"),
        BulkAction.CHANGE_RENEWAL: ("sku", "renewal"),
        BulkAction.ASSIGN_STAFF: ("worker",),
        BulkAction.ADD_TO_GROUP: ("group",),
    }

    def __init__(self, *args: Any, person: User, actions: list[BulkAction], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["action"], [(action, action.label) for action in actions])
        typed = self.data.getlist("customer") if hasattr(self.data, "getlist") else []
        self.too_many = len(typed) > CUSTOMERS_AT_MOST
        # Whose domains these are is for the scope to say.
        spelled = [domain for domain in typed[:CUSTOMERS_AT_MOST] if typed_domain(domain) == domain]
        _choices(self.fields["customer"], [(domain, domain) for domain in spelled])
        self.details = self.takes.get(self.data.get("action", ""), ())
        self.fields |= {name: field for name, field in _fields(person).items() if name in self.details}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.too_many:
            self.add_error("customer", str(_("Choose at most 1,000 at once, or all that the filter finds.")))
        elif not cleaned.get("customer") and not cleaned.get("everybody"):
            self.add_error(None, str(_("Choose at least one customer.")))
        for name in self.details:
            # No end is an answer too, which comes out as None: what was sent counts.
            if "chosen" in self.data and name not in self.errors and not self.data.get(name):
                self.add_error(name, str(self.empty[name]))
            self.fields[name].required = True
        return cleaned

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to choose; the form is valid."""
        return "chosen" in self.data

    def stored(self) -> dict[str, Any]:
        """Return what was chosen as a job keeps it."""
        chosen = self.cleaned_data
        worker, _separator, pk = str(chosen.get("worker") or "").partition("-")
        return {
            "action": str(chosen["action"]),
            "level": str(chosen.get("level") or ""),
            "lasts": chosen["lasts"].total_seconds() if chosen.get("lasts") else None,
            "reason": chosen.get("reason", ""),
            "sku": chosen["sku"].pk if chosen.get("sku") else None,
            "seats": chosen.get("seats"),
            "way": chosen.get("way", ""),
            "renewal": chosen.get("renewal", ""),
            "agent": int(pk) if worker == "agent" else None,
            "team": int(pk) if worker == "team" else None,
            "group": chosen["group"].pk if chosen.get("group") else None,
        }


def _fields(person: User) -> dict[str, forms.Field]:
    reason = AskForm.base_fields["reason"]
    return {
        "level": LevelField(required=False, levels=Level),
        "lasts": DurationField(required=False),
        "reason": forms.CharField(
            label=reason.label,
            help_text=reason.help_text,
            max_length=TEXT_MAX_LENGTH,
            required=False,
            widget=forms.Textarea({"rows": 4}),
        ),
        "sku": forms.ModelChoiceField(_sold_by(person), label=_("Product"), required=False),
        "way": forms.ChoiceField(
            label=_("How the number changes"),
            choices=[(ADD, _("Add to what each has")), (SET, _("Set for each"))],
            required=False,
            widget=forms.RadioSelect,
        ),
        "seats": forms.IntegerField(label=_("Number of seats"), min_value=1, max_value=MOST_SEATS, required=False),
        "renewal": forms.ChoiceField(
            label=_("At the end of the commitment"), choices=RenewalType.choices, required=False
        ),
        "worker": forms.ChoiceField(label=_("Agent or team"), choices=partial(_workers, person), required=False),
        "group": forms.ModelChoiceField(
            groups_of(person).order_by("kind", "name", "pk"), label=_("Group or tag"), required=False
        ),
    }


def _sold_by(person: User) -> QuerySet[Sku]:
    """Return the products that were sold to the customers whom this person works for."""
    sold = subscriptions_sold_by(person).exclude(status=Status.CANCELLED)
    return Sku.objects.filter(pk__in=sold.values("sku")).order_by("name")


def _workers(person: User) -> list[tuple[str, Any]]:
    """Return the teams and the active agents of this person's reseller, in the order of their names.

    Only agents whose role has the customers that were assigned to them: the others see all customers, or none (P4).
    """
    teams = Team.objects.filter(reseller=person.reseller_id or 0).order_by("name").values_list("pk", "name")
    agents = User.objects.filter(reseller=person.reseller_id or 0, is_active=True)
    agents = agents.filter(role_assignments__role__in=ASSIGNED_CUSTOMERS_ROLES).order_by("sort_name", "pk").distinct()
    return [
        ("", "–"),
        (str(_("Teams")), [(f"team-{pk}", name) for pk, name in teams]),
        (str(_("Agents")), [(f"agent-{pk}", name) for pk, name in agents.values_list("pk", "name")]),
    ]


def _choices(field: forms.Field, choices: list[tuple[Any, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
