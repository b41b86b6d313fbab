from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.directory.tree import Tree
from accounts.ids import is_id
from accounts.models.jobs import BulkAction
from jobs.encodings import SIZE_AT_MOST
from web.console.forms.org_units import UnitField, fill_units

# As many as a page of the list has; more are chosen by the filter.
PEOPLE_AT_MOST = 50


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
    """What to do with several users, and with which: those ticked, or everybody whom the filter of the list finds."""

    action = forms.ChoiceField(label=_("Action"), choices=BulkAction.choices, widget=forms.HiddenInput)
    person = forms.TypedMultipleChoiceField(
        label=_("Users"), coerce=int, required=False, widget=forms.MultipleHiddenInput
    )
    everybody = forms.BooleanField(required=False, widget=forms.HiddenInput)
    filter = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    org_unit = UnitField(label=_("Move to"), required=False, help_text=_("The unit that they move to."))

    def __init__(self, *args: Any, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = self.data.getlist("person") if hasattr(self.data, "getlist") else []
        ids = [text for text in typed if is_id(text)]
        # Whose ids these are is for the scope to say; here it is only that they are numbers.
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [(pk, pk) for pk in ids[:PEOPLE_AT_MOST]]
        fill_units(self, "org_unit", tree, empty="–")
        if self.data.get("action") != BulkAction.MOVE:
            del self.fields["org_unit"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("person") and not cleaned.get("everybody") and "person" not in self.errors:
            raise ValidationError(_("Choose at least one user."))
        if "org_unit" in self.fields:
            if self.data.get("confirmed") and cleaned.get("org_unit") is None and "org_unit" not in self.errors:
                self.add_error("org_unit", _("Choose an organisational unit."))
            # Only from here on: the list asks for an action before there is a unit to choose.
            self.fields["org_unit"].required = True
        return cleaned
