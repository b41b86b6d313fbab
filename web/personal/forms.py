from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, UserTokenForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.directory.addresses import sign_in_address
from accounts.models import User
from accounts.models.notices import HowSoon, Topic
from accounts.models.people import Theme
from accounts.notifications.preferences import choices_of, how_soon
from accounts.time_zones import zone_choices
from web.fields import ManagedEmailField


class AddressForm(forms.Form):
    """The first step of signing in: the address, in any spelling (P15)."""

    login = ManagedEmailField()


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
    """The link for a new password; of a person suspended or deleted since it was sent, it is not valid any more."""

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


class HowSoonForm(forms.Form):
    """How soon a person wants to hear of each topic that they can hear of."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic, soon in how_soon(person).items():
            choices = [(choice.value, choice.label) for choice in choices_of(person, topic)]
            self.fields[topic.value] = forms.ChoiceField(label=topic.label, choices=choices, initial=soon.value)

    def chosen(self) -> dict[Topic, HowSoon]:
        """Return what was chosen for each topic."""
        return {Topic(name): HowSoon(value) for name, value in self.cleaned_data.items()}


class HelpFeedbackForm(forms.Form):
    """The answer to *Was this information helpful?*"""

    helpful = forms.TypedChoiceField(
        label=_("Was this information helpful?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda answer: answer == "yes",
    )
    comment = forms.CharField(label=_("What is missing or unclear?"), max_length=2000, required=False)
