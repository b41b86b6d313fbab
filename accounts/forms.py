from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, UserTokenForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.addresses import sign_in_address
from accounts.domains import EMAIL_MAX_LENGTH, TYPED_MAX_LENGTH, managed_email
from accounts.models import Customer, User
from accounts.models.people import Theme
from accounts.organisations import NAME_MAX_LENGTH
from accounts.roles import RESELLER_ROLES, Role
from accounts.staffing import TEAM_NAME_MAX_LENGTH
from accounts.time_zones import zone_choices


class ManagedEmailField(forms.CharField):
    """The address of a managed account, in its canonical spelling (P6).

    Says why a consumer address is refused before anybody is looked up: the answer is the same for everyone.
    """

    def __init__(self, **kwargs: Any) -> None:
        # Not type="email": a browser would reject or rewrite spellings that we understand.
        widget = forms.TextInput({"autocomplete": "username", "inputmode": "email", "maxlength": EMAIL_MAX_LENGTH})
        widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        defaults = {"label": _("E-mail address"), "max_length": TYPED_MAX_LENGTH, "widget": widget}
        super().__init__(**{**defaults, **kwargs})

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return managed_email(text) if text else text


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password; the address in any spelling."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = ManagedEmailField()
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        """Let people sign in with an alias; its failures count as those of the address itself."""
        return sign_in_address(self.cleaned_data["login"])


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The address that a link for a new password is sent to, in any spelling."""

    email = ManagedEmailField()

    def clean_email(self) -> str:
        self.cleaned_data["email"] = sign_in_address(self.cleaned_data["email"])
        email: str = super().clean_email()
        return email


class PasswordLinkForm(UserTokenForm):  # type: ignore[misc]  # allauth has no types
    """The link for a new password; of somebody suspended or deleted since it was sent, it is not valid any more."""

    def _get_user(self, uidb36: str) -> User | None:
        person = super()._get_user(uidb36)
        return person if person is not None and person.is_active else None


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """A new password instead of the one that one has; who was given a temporary one does not keep it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the spelling of every other label here: one capital letter.
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, once more")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        new = cleaned.get("password1")
        if new and self.user.check_password(new):
            self.add_error("password1", _("Choose another password than the one you have now."))
        return cleaned


class PreferencesForm(forms.Form):
    """How a person wants pages shown; a field that is left out stays as it is."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    # The page that the menu was open on.
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stored_zone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zone_choices(stored_zone)

    def chosen(self) -> dict[str, str]:
        """Return what was chosen, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "next"}


class HelpFeedbackForm(forms.Form):
    """The answer to *Was this information helpful?*"""

    helpful = forms.TypedChoiceField(
        label=_("Was this information helpful?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda answer: answer == "yes",
    )
    comment = forms.CharField(label=_("What is missing or unclear?"), max_length=2000, required=False)


class EntryForm(forms.Form):
    """Why somebody from outside enters a console; asked only where the customer wants to know (R15)."""

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

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked again in the transaction that enters.
        self.fields["reason"].required = customer.asks_for_entry_reason


class EntryReasonForm(forms.Form):
    """Whether whoever enters a console from outside must say why (R15)."""

    required = forms.BooleanField(
        label=_("Ask for a reason"),
        help_text=_("External users must give a reason to enter this console, and can name a case number."),
        required=False,
    )


class EndSessionForm(forms.Form):
    """The session that a super admin ends, by its number."""

    session = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class StaffSearchForm(forms.Form):
    """Search in a list of a reseller's staff page."""

    q = forms.CharField(label=_("Name or e-mail address"), max_length=254, required=False)


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name of the team"), max_length=TEAM_NAME_MAX_LENGTH)


class TeamMemberForm(forms.Form):
    """The address of a person who joins a team, in any spelling (P6)."""

    email = forms.CharField(
        label=_("E-mail address of the new member"),
        max_length=EMAIL_MAX_LENGTH,
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off"}),
    )


class NewAgentForm(forms.Form):
    """Somebody new at a reseller, who gets an invitation (P11)."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH)
    email = ManagedEmailField()
    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        coerce=Role,
        choices=[(role.value, role.label) for role in Role if role in RESELLER_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class AgentRolesForm(forms.Form):
    """The roles of one of a reseller's people (P4)."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role.value, role.label) for role in Role if role in RESELLER_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
