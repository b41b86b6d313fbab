from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.domains import typed_addresses
from accounts.models import User
from accounts.names import isolated
from accounts.time_zones import zone_choices
from support.models.case import EscalationReason, Priority, State
from web.cases.filters import set_choices, state_label
from web.fields import PeopleArea, PersonInput

TEXT_MAX_LENGTH, SHORT_MAX_LENGTH = 20_000, 2_000


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, or none; each is looked at by support.attachments.check."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = data if isinstance(data, list | tuple) else [data]
        # An empty file is refused later on, with its name.
        return [file for file in sent if file]


def _files() -> FilesField:
    return FilesField(
        label=_("Files"),
        required=False,
        # Put together for each reader: `%` would do it once and for all, in English.
        help_text=format_lazy(
            _(
                "Up to {number} files of {size} MB each, and {case} files in a case. Cookies, authorization headers "
                "and tokens in HAR files are removed before they are stored, and so is every text of more than 1 MB "
                "in them."
            ),
            number=settings.ATTACHMENTS_PER_FORM,
            size=settings.ATTACHMENT_MB,
            case=settings.ATTACHMENTS_PER_CASE,
        ),
    )


def _text(label: Any, *, limit: int = TEXT_MAX_LENGTH, rows: int = 4, **kwargs: Any) -> forms.CharField:
    widget = kwargs.pop("widget", None) or forms.Textarea({"rows": rows})
    return forms.CharField(label=label, max_length=limit, widget=widget, **kwargs)


class CaseForm(forms.Form):
    """A new case; service and category were chosen before (S11)."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What is wrong, in one line."))
    description = _text(
        _("Description"),
        rows=8,
        help_text=_("What you did, what happened, what you expected, since when, and who is affected."),
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=Priority.choices, initial=Priority.P2, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(label=_("Language of the answers"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone you work in"))
    subscribers = _text(
        _("Who else gets mail about this case"),
        limit=5_000,
        widget=PeopleArea(rows=2),
        required=False,
        help_text=_("E-mail addresses of people who may read the case, separated by commas, semicolons or lines."),
    )
    files = _files()  # type: ignore[assignment]  # Form.files is set on instances, fields on none

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "time_zone", zone_choices(self.initial.get("time_zone", "")))

    def addresses(self) -> tuple[str, ...]:
        """Return the subscribers' addresses as typed."""
        return tuple(dict.fromkeys(entry for _line, entry in typed_addresses(self.cleaned_data["subscribers"])))


class CommentForm(forms.Form):
    """A comment, files, or both."""

    text = _text(_("Comment"), required=False)
    files = _files()  # type: ignore[assignment]  # Form.files is set on instances, fields on none


class EscalateForm(forms.Form):
    """Reason and justification of an escalation (S11)."""

    reason = forms.ChoiceField(label=_("Reason"), choices=EscalationReason.choices, widget=forms.RadioSelect)
    justification = _text(
        _("Justification"), limit=SHORT_MAX_LENGTH, help_text=_("What this costs you, and by when you need a solution.")
    )


class CloseForm(forms.Form):
    """Closing asks for nothing."""


class ReopenForm(forms.Form):
    """Why a case is not solved after all."""

    text = _text(_("What is still wrong"), required=False)


class RateForm(forms.Form):
    """Satisfaction, after closing."""

    satisfaction = forms.TypedChoiceField(
        label=_("How content are you with how this case was handled?"),
        choices=[
            (5, _("5, very content")),
            (4, _("4, content")),
            (3, _("3, neither nor")),
            (2, _("2, not content")),
            (1, _("1, not content at all")),
        ],
        coerce=int,
    )
    text = _text(_("What went well, what did not"), limit=SHORT_MAX_LENGTH, rows=3, required=False)


class PriorityForm(forms.Form):
    """Another priority."""

    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, widget=forms.RadioSelect)


class TitleForm(forms.Form):
    """Another title."""

    title = forms.CharField(label=_("Title"), max_length=200)


class SubscribeForm(forms.Form):
    """A person who shall get mail about a case."""

    email = forms.CharField(label=_("E-mail address"), max_length=254, widget=PersonInput())


class UnsubscribeForm(forms.Form):
    """A person who shall get none any more; the address comes from a button."""

    email = forms.CharField(max_length=254)


class AnswerForm(forms.Form):
    """Vendor support's answer and the state after it."""

    text = _text(_("Answer"), required=False, help_text=_("Leave it empty where only the status changes."))
    state = forms.ChoiceField(label=_("Status"))
    files = _files()  # type: ignore[assignment]  # Form.files is set on instances, fields on none

    def __init__(self, *args: Any, states: Iterable[State], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The hint says when it may be empty; "optional" an answer is not.
        self.fields["text"].is_explained = True  # type: ignore[attr-defined]
        set_choices(self, "state", [(state.value, state_label(state, vendor=True)) for state in states])


class TakeForm(forms.Form):
    """Taking a case asks for nothing."""


class NoteForm(forms.Form):
    """A note that only one's own colleagues read."""

    text = _text(_("Note"))


class AssignForm(forms.Form):
    """Which colleague works on a case; nobody makes it free for others to take."""

    assignee = forms.ModelChoiceField(User.objects.none(), label=_("Assigned to"), required=False)

    def __init__(self, *args: Any, desk: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = desk
        field.empty_label = str(_("Nobody"))
        field.label_from_instance = lambda person: isolated(person.name)  # type: ignore[method-assign, assignment]
