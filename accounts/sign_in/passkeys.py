"""Passkeys as the browser asks for them and answers (WebAuthn); allauth and fido2 check the answers.

Each one names the person (it is discoverable) and asks them for a PIN, a finger or a face: that is two factors.
"""

from __future__ import annotations

import struct
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused
from accounts.models import User

# What a credential can make the readers of its parts raise.
_MALFORMED = (ValidationError, ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError)
_NOT_KNOWN = _("This passkey is not known here, or its answer came too late.")


def creation_options(person: User) -> dict[str, Any]:
    """Return what a browser needs to make a passkey; the challenge waits in the session for its answer."""
    options: dict[str, Any] = auth.begin_registration(person, True)
    return options


def request_options(person: User | None) -> dict[str, Any]:
    """Return what a browser needs to show a passkey: one of this person's, or, where nobody is known yet, any."""
    options: dict[str, Any] = auth.begin_authentication(person)
    return options


def check_new(credential: Any) -> dict[str, Any]:
    """Return a new passkey that answers the challenge of this session. Raises Refused."""
    try:
        _refuse_other_origins(auth.parse_registration_response(credential).response.client_data.origin)
        made = auth.complete_registration(credential)
    except _MALFORMED as error:
        raise Refused(_NOT_KNOWN) from error
    if not made.is_user_verified():
        raise Refused(_("This device asked for no PIN, finger or face. A passkey needs one of these."))
    checked: dict[str, Any] = credential
    return checked


def check_shown(credential: Any, person: User | None) -> Any:
    """Return the row of the passkey that answers the challenge of this session, with its person.

    person: whose it must be; None: the one it names. Raises Refused, also for a person who is suspended or deleted.
    """
    try:
        _refuse_other_origins(auth.parse_authentication_response(credential).response.client_data.origin)
        person = person or auth.extract_user_from_response(credential)
        row: Authenticator = auth.complete_authentication(person, credential)
    except _MALFORMED as error:
        raise Refused(_NOT_KNOWN) from error
    if not row.user.is_active:
        raise Refused(_("This account is suspended."), reason="conditionNotMet")
    return row


def _refuse_other_origins(origin: str) -> None:
    """Refuse what was shown at a host below ours, or at another port: fido2 takes them for ours.

    It judges the scheme itself: HTTPS, or HTTP at localhost. What a request calls this host is not believed, but in the
    demo, which has several names.
    """
    ours = context.request.get_host() if settings.DEMO else urlsplit(settings.CONSOLE_URL).netloc
    if urlsplit(origin).netloc != ours:
        raise Refused(_NOT_KNOWN)
