from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.directory.group_members import MAX_LINES, group_at, read_people
from accounts.directory.tree import Tree
from accounts.domains import EMAIL_MAX_LENGTH
from accounts.ids import is_id
from accounts.models import Customer, DirectoryGroup
from accounts.models.jobs import BulkAction
from jobs.choosing import Beside
from jobs.encodings import SIZE_AT_MOST
from subscriptions.models import Subscription
from web.console.forms.org_units import UnitField
from web.fields import AS_TYPED, PeopleArea

# As many as stay chosen over several pages of a list; more are chosen by the filter.
ROWS_AT_MOST = 1_000


class UploadForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("At most 10 MB and 100,000 lines, separated by commas, semicolons or tabs, in UTF-8."),
        error_messages={"required": _("Choose a CSV file of at most 10 MB.")},
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > SIZE_AT_MOST:
            raise ValidationError(_("A file has at most 10 MB. Split it into several."))
        return file


class UsersUploadForm(UploadForm):
    """A CSV file with users, and whether those that are new are told (P11)."""

    invite = forms.BooleanField(
        label=_("Invite new users"),
        help_text=_(
            "Each gets a mail with a link to choose a password. You can also send it later on the user’s page."
        ),
        required=False,
    )


class BulkForm(forms.Form):
    """What to do with several rows, and with which: those ticked, or all that the filter of the list finds.

    A list posts the action alone first; what it takes beside, such as a unit, is asked for on the page that follows.
    """

    action = forms.ChoiceField(label=_("Action"), widget=forms.HiddenInput)
    everybody = forms.BooleanField(required=False, widget=forms.HiddenInput)
    filter = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    # What each field says where it is left empty; those that may be are not here.
    empty: Final[Mapping[str, Promise]] = {
        "org_unit": _("Choose an organisational unit."),
        "subscription": _("Choose a subscription."),
        "group": _("Enter the address of the group."),
        "people": _("Enter at least one address."),
        "reason": _("Choose a reason."),
    }

    def __init__(
        self,
        *args: Any,
        ids: str,
        actions: Mapping[BulkAction, Collection[str]],
        none: Promise,
        **kwargs: Any,
    ) -> None:
        """Make the form. ids: the name of the boxes; actions: with the fields of each; none: said for no row at all."""
        super().__init__(*args, **kwargs)
        self.ids, self.none = ids, none
        action = self.fields["action"]
        assert isinstance(action, forms.ChoiceField)
        action.choices = [(action, action.label) for action in actions]
        typed = self.data.getlist(ids) if hasattr(self.data, "getlist") else []
        # Whose ids these are is for the scope to say; here it is only that they are numbers.
        self.too_many = len(typed) > ROWS_AT_MOST
        self.fields[ids] = forms.TypedMultipleChoiceField(
            coerce=int,
            required=False,
            widget=forms.MultipleHiddenInput,
            choices=[(pk, pk) for pk in typed[:ROWS_AT_MOST] if is_id(pk)],
        )
        asked = self.data.get("action")
        self.details = next((fields for action, fields in actions.items() if action == asked), ())

    def offer(self, fields: Mapping[str, forms.Field], *, hidden: Collection[str] = ()) -> None:
        """Add those of some fields that the action takes. hidden: what the page before has decided."""
        for name in self.details:
            self.fields[name] = fields[name]
            if name in hidden:
                self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.too_many:
            self.add_error(self.ids, str(_("Choose at most 1,000 at once, or all that the filter finds.")))
        elif not cleaned.get(self.ids) and not cleaned.get("everybody") and self.ids not in self.errors:
            self.add_error(None, str(self.none))
        for name, empty in self.empty.items():
            if name in self.details:
                if self._is_asked and not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, str(empty))
                # Only from here on: the list asks for an action before there is anything to choose beside it.
                self.fields[name].required = True
        return cleaned

    def ask_for_number(self, number: int) -> bool:
        """Add a field in which the number of rows is typed again; return whether it was (everything goes by this).

        The form has been cleaned: which rows it is about was not known before.
        """
        shown = intcomma(number)
        self.fields["typed"] = forms.CharField(
            label=_("Number of rows"),
            help_text=_("This is about everything that the list finds. Type %(number)s to go on.") % {"number": shown},
            widget=forms.TextInput({**AS_TYPED, "inputmode": "numeric"}),
        )
        digits = "".join(letter for letter in str(self.data.get("typed", ""))[:40] if letter.isdecimal())
        is_typed = digits == str(number)
        if not is_typed and "confirmed" in self.data:
            self.add_error("typed", _("Type %(number)s, the number of rows.") % {"number": shown})
        return is_typed

    @property
    def _is_asked(self) -> bool:
        """Whether the page with the fields was there already."""
        return "confirmed" in self.data or "chosen" in self.data

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to choose; the form is valid."""
        return all(self.cleaned_data.get(name) for name in self.empty if name in self.details)

    @property
    def row_ids(self) -> list[int]:
        """The ids of the rows that were ticked, each once."""
        return list(dict.fromkeys(self.cleaned_data.get(self.ids, ())))

    @property
    def beside(self) -> Beside:
        """What was chosen beside the action."""
        return Beside(**{name: self.cleaned_data[name] for name in self.details if self.cleaned_data.get(name)})


class GroupField(forms.CharField):
    """A group of one customer, by its address; anybody else's is none."""

    def __init__(self, *, customer: Customer) -> None:
        super().__init__(
            label=_("Group"),
            max_length=EMAIL_MAX_LENGTH,
            required=False,
            widget=forms.TextInput({**AS_TYPED, "inputmode": "email"}),
            help_text=_("The e-mail address of the group."),
        )
        self.customer = customer

    def clean(self, value: Any) -> DirectoryGroup | None:
        text = super().clean(value)
        group = group_at(text, self.customer) if text else None
        if text and group is None:
            raise ValidationError(_("No group of this organisation has this address."))
        return group


class PeopleField(forms.CharField):
    """People of one customer, by their addresses; their ids come out."""

    def __init__(self, *, customer: Customer) -> None:
        super().__init__(
            label=_("E-mail addresses"),
            max_length=MAX_LINES * (EMAIL_MAX_LENGTH + 2),
            required=False,
            widget=PeopleArea(rows=6),
            help_text=_("People of this organisation, one address per line or with commas between them, at most 500."),
        )
        self.customer = customer

    def clean(self, value: Any) -> list[int]:
        found = read_people(super().clean(value), self.customer)
        if found.bad:
            raise ValidationError(found.bad)
        return [person.pk for person in found.people]


def fields_of(customer: Customer, tree: Tree, subscriptions: QuerySet[Subscription]) -> dict[str, forms.Field]:
    """Return what an action with users or groups may take."""
    return {
        "org_unit": unit_field(tree),
        "subscription": forms.ModelChoiceField(subscriptions, label=_("Subscription"), required=False),
        "switch": forms.BooleanField(label=_("Switch people who have another licence of this product"), required=False),
        "stays_away": forms.BooleanField(label=_("Do not assign them one again automatically"), required=False),
        "group": GroupField(customer=customer),
        "people": PeopleField(customer=customer),
    }


def unit_field(tree: Tree) -> UnitField:
    """Return the choice of the unit that rows move to."""
    field = UnitField(label=_("Move to"), required=False, help_text=_("The unit that they move to."))
    field.fill(tree, empty="–")
    return field
