"""The rate limits that are reached, and lifting one: as allauth counts them, in the cache (decision 6)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from allauth.account import app_settings
from allauth.core.internal.ratelimit import Rate, parse_rate, parse_rates
from django.conf import settings
from django.core.cache import cache
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_operator, require_fresh_proof
from accounts.errors import Refused
from accounts.models import Address, User

# Limits that a page shows; more at once are an attack, and no single one of them matters.
AT_MOST: Final = 200
_BEGINNING: Final = "allauth:rl:"
_ACCOUNT: Final = "allauth.account"
# A counter is a pickled list of moments, 9 bytes each, as base64: so long is one that is full. Its key says of how
# many: allauth:rl:<application>:<limit>:<number>/<seconds>/<of whom>:<whose>.
_FULL: Final = """
    SELECT cache_key FROM {table}
    WHERE cache_key LIKE %s AND cache_key NOT LIKE '%%:lock' AND expires > statement_timestamp()
    AND length(value) >= (9 * split_part(split_part(substr(cache_key, %s), ':', 3), '/', 1)::int + 14) * 4 / 3
    ORDER BY expires DESC, cache_key LIMIT %s"""


class Limit(models.TextChoices):
    """What is counted: the names under which settings_sign_in.py and allauth have the limits that people meet."""

    SIGN_IN = "sign_in", _("Signing in")
    SIGN_IN_KNOWN_BROWSER = "sign_in_known_browser", _("Signing in, in a known browser")
    LOGIN_FAILED = "login_failed", _("Wrong passwords and codes")
    LOGIN_FAILED_KNOWN_BROWSER = "login_failed_known_browser", _("Wrong passwords and codes, in a known browser")
    ADDRESS_TYPED = "address_typed", _("Typing an address to sign in")
    PROVIDER_ASKED = "provider_asked", _("Asking an identity provider")
    PROVIDER_CAME_BACK = "provider_came_back", _("Coming back from an identity provider")
    UNKNOWN_SCIM_TOKEN = "unknown_scim_token", _("SCIM tokens that nobody has")
    UNKNOWN_API_TOKEN = "unknown_api_token", _("Tokens of machines that nobody has")
    WRONG_ASSERTION = "wrong_assertion", _("What machines sign for a token, and is wrong")
    PASSKEY_ASKED = "passkey_asked", _("Asking for a passkey")
    WEBAUTHN_LOGIN = "webauthn_login", _("Signing in with a passkey")
    RESET_PASSWORD = "reset_password", _("Asking for a link for a new password")
    CHANGE_PASSWORD = "change_password", _("Changing one’s own password")
    HELP_FEEDBACK = "help_feedback", _("Answers about the help")
    UNKNOWN_RESELLER = "unknown_reseller", _("Identifiers that no reseller has")
    UNKNOWN_TRANSFER_TOKEN = "unknown_transfer_token", _("Transfer tokens that nobody has")
    TAKEN_DOMAIN = "taken_domain", _("Domains that are in use")
    CONSOLE_ENTERED = "console_entered", _("Entering consoles")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit that is reached. key: of its counter; name: as settings.py calls it; until: when it holds no longer.

    ip_address, person: whom it stops, where its counter says so; other counters are of an address, or of a browser.
    """

    key: str
    name: str
    number: int
    seconds: float
    until: datetime
    ip_address: str = ""
    person: int | None = None


def limits_in_force(keys: Iterable[str] | None = None) -> list[RateLimit]:
    """Return the limits that are reached now, those that hold longest first. keys: of these counters only."""
    found = cache.get_many(full_counters() if keys is None else list(keys))
    limits = [limit for key, moments in found.items() if (limit := _reached(key, moments))]
    return sorted(limits, key=lambda limit: (limit.until, limit.key), reverse=True)


def counters_of(person: User, site: str) -> list[str]:
    """Return the keys of the counters that are of one person. site: the host name under which they sign in."""
    addresses = list(Address.objects.filter(user=person).values_list("email", flat=True))
    typed = {
        "login_failed": [f"code {person.pk}", f"password {person.pk}", *(f"{site}:{each}" for each in addresses)],
        "reset_password": addresses,
    }
    found = []
    for name, rate in _rates():
        whose = [f"user:{person.pk}"] if rate.per == "user" else []
        if rate.per == "key":
            whose = [sha256(each.encode()).hexdigest() for each in typed.get(name, ())]
        found += [f"{_BEGINNING}{_ACCOUNT}:{name}:{rate}:{each}" for each in whose]
    return found


@transaction.atomic
def lift_rate_limit(*, actor: Actor | None, key: str, person: User | None = None) -> RateLimit:
    """Forget what was counted, so that whom the limit stops can try again at once.

    key: of its counter. person: whom it is known to stop; their organisation reads it in its log.
    Raises Refused where it holds no longer, PermissionDenied for anybody but a vendor operator, and ProofNeeded where
    their last proof is too old (P13).
    """
    authorise_operator(actor)
    limit = next(iter(limits_in_force([key])), None) if key.startswith(_BEGINNING) else None
    if limit is None:
        raise Refused(_("This limit holds no longer. Nothing is to be lifted."), reason="conditionNotMet")
    require_fresh_proof(actor)
    person = person or (User.objects.filter(pk=limit.person).first() if limit.person else None)
    record_audit(
        EventName.LIFT_RATE_LIMIT,
        actor=actor,
        customer=person.customer_id if person else None,
        subject=person.email if person else limit.ip_address,
        target=person,
        new={"rate_limit": limit.name},
    )
    cache.delete(key)
    return limit


def _rates() -> Iterator[tuple[str, Rate]]:
    """Yield the limits of accounts, as settings.py and allauth's defaults have them."""
    for name, text in app_settings.RATE_LIMITS.items():
        yield from ((name, rate) for rate in parse_rates(text))


def full_counters() -> list[str]:
    """Return the keys of the counters that are full, and of some that no longer are; AT_MOST of them."""
    start = cache.make_key("")
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    sql = _FULL.format(table=table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"{start}{_BEGINNING}%", len(start) + len(_BEGINNING) + 1, AT_MOST])
        return [key.removeprefix(start) for (key,) in cursor.fetchall()]


def _reached(key: str, moments: Any) -> RateLimit | None:
    """Return the limit that a counter says is reached: as allauth's apply_rate() counts."""
    _app, name, said, *whose = key.removeprefix(_BEGINNING).split(":")
    number, duration, per = said.split("/")
    rate = parse_rate(f"{number}/{duration}s/{per}")
    lately = [moment for moment in moments if moment > time.time() - rate.duration]
    if len(lately) < rate.amount:
        return None
    until = datetime.fromtimestamp(lately[rate.amount - 1] + rate.duration, UTC)
    ip_address = ":".join(whose[1:]) if per == "ip" else ""
    person = int(whose[1]) if per == "user" else None
    return RateLimit(key, name, rate.amount, rate.duration, until, ip_address, person)
