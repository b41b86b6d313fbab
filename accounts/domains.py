"""Domain names and e-mail addresses in one spelling, and the managed-account rule (P6).

The same domain can be typed in many ways: capital or full-width letters, other dots, a dot at the end,
characters nobody sees. All of them become one canonical name (UTS 46, then IDNA 2008) before anything
is compared or stored.
"""

from __future__ import annotations

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

# P6: accounts there belong to a person, not to an organisation. Exactly these: mail.gmail.com is another domain.
CONSUMER_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
DOMAIN_MAX_LENGTH = 253
EMAIL_MAX_LENGTH = 254
# Longer text is no address; checked first, because normalising costs time.
TYPED_MAX_LENGTH = 1000

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): shown as nothing. It includes the zero-width
# joiners, which a few scripts use inside words: a name with one counts as the name without.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_DOTS = re.compile("[\u3002\uff0e\uff61]")

_validate_email = EmailValidator(_("Enter an e-mail address, for example ana@example.com."))


def canonical_domain(text: str) -> str:
    """Return the one spelling of a domain name: ASCII, lower case, no dot at the end.

    Raises ValidationError for what is no domain name with at least two labels.
    """
    name = _DOTS.sub(".", _visible(text))
    try:
        domain = idna.encode(name, uts46=True, std3_rules=True).decode("ascii").lower().removesuffix(".")
    except (idna.IDNAError, UnicodeError) as error:
        raise _no_domain() from error
    *labels, top = domain.split(".")
    if not labels or top.isdigit() or len(domain) > DOMAIN_MAX_LENGTH:
        raise _no_domain()
    return domain


def canonical_email(text: str) -> str:
    """Return the one spelling of an e-mail address: its domain canonical, all of it lower case.

    Addresses that differ in case only reach the same person. Raises ValidationError for what is no address.
    """
    local, at, domain = _visible(text).rpartition("@")
    if not at:
        raise ValidationError(_validate_email.message, code="invalid")
    email = f"{local.lower()}@{canonical_domain(domain)}"
    _validate_email(email)
    if len(email) > EMAIL_MAX_LENGTH:
        raise ValidationError(_validate_email.message, code="invalid")
    return email


def refuse_consumer_domain(domain: str) -> None:
    """Raise ValidationError for gmail.com and googlemail.com (P6). `domain`: canonical."""
    if domain in CONSUMER_DOMAINS:
        raise ValidationError(
            _("Use your managed account. Addresses at %(domain)s belong to a person and not to an organisation."),
            code="consumer_address",
            params={"domain": domain},
        )


def refuse_consumer_address(email: str) -> None:
    """Raise ValidationError for an address at gmail.com or googlemail.com (P6). `email`: canonical."""
    refuse_consumer_domain(email.rpartition("@")[2])


def managed_email(text: str) -> str:
    """Return the canonical spelling of the address of a managed account (P6); raises ValidationError."""
    email = canonical_email(text)
    refuse_consumer_address(email)
    return email


def _visible(text: str) -> str:
    """Return text in its compatibility form, without what nobody sees and without spaces around it."""
    if len(text) > TYPED_MAX_LENGTH:
        raise ValidationError(_("This is too long."), code="invalid")
    # Afterwards: the compatibility form of a visible character can be an invisible one.
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def _no_domain() -> ValidationError:
    return ValidationError(_("Enter a domain name, for example example.com."), code="invalid")
