"""Domain names and e-mail addresses in one spelling, and the managed-account rule (P6).

The same domain can be typed in many ways: capital or full-width letters, other dots, a dot at the end,
characters nobody sees. All of them become one canonical name (UTS 46, then IDNA 2008) before anything
is compared or stored.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from publicsuffixlist import PublicSuffixList

# P6: accounts there belong to a person, not to an organisation. Exactly these: mail.gmail.com is another domain.
CONSUMER_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
DOMAIN_MAX_LENGTH = 253
EMAIL_MAX_LENGTH = 254
# Longer text is no address; checked first, because normalising costs time.
TYPED_MAX_LENGTH = 1000

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): shown as nothing. It includes the zero-width
# joiners, which a few scripts use inside words: a name with one counts as the name without.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
# Scripts that one word is written in, by the first words of the names of their letters.
_WRITTEN_TOGETHER = ({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}, {"LATIN", "CJK", "HANGUL"})
# What mail servers take everywhere, in ASCII only: another letter would go out as an address that nobody has. Not
# quoted, so that no space and no control character stands in a header.
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


@lru_cache(maxsize=1024)
def canonical_domain(text: str) -> str:
    """Return the one spelling of a domain name: ASCII, lower case, no dot at the end.

    A file of 100,000 people names a few domains: each is spelled once.
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


def typed_domain(text: str) -> str:
    """Return the canonical spelling of a domain typed to find it; what is none becomes empty, which nobody has."""
    try:
        return canonical_domain(text)
    except ValidationError:
        return ""


def lineage(domain: str) -> list[str]:
    """Return a canonical domain and those above it, down to two labels."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def refuse_public_suffix(domain: str) -> None:
    """Raise ValidationError for a domain under which anybody can have one, such as co.uk: it is nobody's (P9)."""
    if _public_suffixes().publicsuffix(domain) == domain:
        raise ValidationError(
            _("%(domain)s belongs to nobody: many organisations have their domains under it. Use one of those."),
            code="public_suffix",
            params={"domain": domain},
        )


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list that the package brings along: nothing is asked over the network. Read once, some 30 ms."""
    return PublicSuffixList()


def canonical_email(text: str) -> str:
    """Return the one spelling of an e-mail address: its domain canonical, all of it lower case.

    Addresses that differ in case only reach the same person. Raises ValidationError for what is no address.
    """
    local, at, domain = _visible(text).rpartition("@")
    if not at or not local:
        raise _no_address()
    try:
        email = f"{local.lower()}@{canonical_domain(domain)}"
    except ValidationError as error:
        raise _no_address() from error
    if not local.isascii():
        message = _("Before the @ use only the letters a to z, digits and signs such as . - _ +, without accents.")
        raise ValidationError(message, code="invalid")
    if not _LOCAL.fullmatch(local.lower()) or len(email) > EMAIL_MAX_LENGTH:
        raise _no_address()
    return email


def refuse_consumer_domain(domain: str) -> None:
    """Raise ValidationError for gmail.com and googlemail.com (P6). `domain`: canonical."""
    if domain in CONSUMER_DOMAINS:
        raise ValidationError(
            _("Use a managed account. Addresses at %(domain)s belong to a person and not to an organisation."),
            code="consumer_address",
            params={"domain": domain},
        )


def refuse_consumer_address(email: str) -> None:
    """Raise ValidationError for an address at gmail.com or googlemail.com (P6). `email`: canonical."""
    refuse_consumer_domain(email.rpartition("@")[2])


@lru_cache(maxsize=1024)
def shown_domain(domain: str) -> str:
    """Return a canonical domain as people read it: bücher.example for xn--bcher-kva.example.

    A label that mixes scripts stays as it is stored, as in browsers: it may only look like another one.
    """
    return ".".join(_shown_label(label) for label in domain.split("."))


def shown_email(email: str) -> str:
    """Return a canonical address as people read it."""
    local, at, domain = email.rpartition("@")
    return f"{local}{at}{shown_domain(domain)}"


def _shown_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        shown = idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in shown if letter.isalpha()}
    return shown if len(scripts) == 1 or any(scripts <= together for together in _WRITTEN_TOGETHER) else label


def typed_addresses(text: str) -> list[tuple[int, str]]:
    """Return each address of a pasted list with the number of its line, as it was typed.

    They stand one per line, or with commas, semicolons or spaces between them, and may have names beside them as in
    a mail: `Lee, Ann <ann@acme.example>; bo@acme.example`.
    """
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        for piece in line.split(";"):
            parts = [part.strip() for part in piece.split(",")]
            for part, following in zip(parts, [*parts[1:], ""], strict=True):
                begins_a_name = "@" not in part and "<" in following
                found += [] if begins_a_name else [(number, entry) for entry in _entries(part)]
    return found


def _entries(part: str) -> list[str]:
    """Return the addresses of a part of a list that holds no comma and no semicolon."""
    if inside := [entry.strip() for entry in re.findall(r"<([^<>]*)>", part) if entry.strip()]:
        return inside
    return part.split() if part.count("@") > 1 else [part] if part else []


def stored_part(text: str) -> str:
    """Return a part of a domain or an address, as it was typed into a search, as it would be stored."""
    local, at, domain = _visible(text[:TYPED_MAX_LENGTH]).lower().rpartition("@")
    return local + at + ".".join(_stored_label(label) for label in _DOTS.sub(".", domain).split("."))


def _stored_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return label


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


def _no_address() -> ValidationError:
    return ValidationError(_("Enter an e-mail address, for example ana@example.com."), code="invalid")


def _no_domain() -> ValidationError:
    return ValidationError(_("Enter a domain name, for example example.com."), code="invalid")
