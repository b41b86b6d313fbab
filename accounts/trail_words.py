"""The old and new values of the trail in words (A2). The stored values are JSON and know no language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Role

_LABELS: dict[str, Promise] = {
    "allowed": gettext_lazy("Access"),
    "due_at": gettext_lazy("Due"),
    "opened_at": gettext_lazy("Open since"),
    "closes_at": gettext_lazy("Open until"),
    "generation": gettext_lazy("Generation"),
    "reason": gettext_lazy("Reason"),
    "case_number": gettext_lazy("Case number"),
    "reason_required": gettext_lazy("Reason required"),
    "SKU_NAME": gettext_lazy("Subscription"),
    "reseller_agreed": gettext_lazy("The reseller agreed"),
    "status": gettext_lazy("Status"),
    "plan": gettext_lazy("Plan"),
    "seats": gettext_lazy("Seats"),
    "reseller": gettext_lazy("Reseller"),
    "role": gettext_lazy("Role"),
    "roles": gettext_lazy("Roles"),
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail address"),
    "team": gettext_lazy("Team"),
    "agent": gettext_lazy("Agent"),
    "customer": gettext_lazy("Customer"),
    "domain": gettext_lazy("Domain"),
    "primary_domain": gettext_lazy("Primary domain"),
    "active": gettext_lazy("Active"),
    "suspended": gettext_lazy("Suspended"),
    "verifier": gettext_lazy("Verifier"),
    "partner": gettext_lazy("Support partner"),
    "contracts": gettext_lazy("Contracts"),
    "org_unit": gettext_lazy("Organisational unit"),
    "automatic": gettext_lazy("Assigned automatically"),
    "moves_on": gettext_lazy("Date of the move"),
}

# The values of enumerations that live above this package; a test compares them with their labels there.
WORDS: dict[str, Promise] = {
    "ANNUAL_MONTHLY_PAY": gettext_lazy("Annual plan, paid monthly"),
    "ANNUAL_YEARLY_PAY": gettext_lazy("Annual plan, paid yearly"),
    "FLEXIBLE": gettext_lazy("Flexible plan"),
    "TRIAL": gettext_lazy("Trial"),
    "FREE": gettext_lazy("Free"),
    "ACTIVE": gettext_lazy("Active"),
    "SUSPENDED": gettext_lazy("Suspended"),
    "CANCELLED": gettext_lazy("Cancelled"),
    "reseller_suspended": gettext_lazy("The reseller is suspended."),
    "gave_up": gettext_lazy("Our system tried several times without success."),
    "pending": gettext_lazy("Waiting for the verifier"),
    "active": gettext_lazy("Active"),
    "removed": gettext_lazy("Removed"),
    "declined": gettext_lazy("Declined"),
    "expired": gettext_lazy("Expired"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
_ROLES = {role.value: role.label for role in Role}


@dataclass(frozen=True, slots=True)
class Difference:
    """One value before and after, in words; `old` is empty where there was none, or where nothing was compared."""

    label: str
    old: str
    new: str

    def __str__(self) -> str:
        change = f"{self.old} → {self.new}" if self.old else self.new
        return f"{self.label}: {change}" if self.label else change


def differences(old: Any, new: Any) -> list[Difference]:
    """Compare what an event stored: dictionaries key by key, anything else as it is."""
    if not isinstance(old, dict) and not isinstance(new, dict):
        return [] if old is None and new is None else [Difference("", _in_words("", old), _in_words("", new))]
    before = old if isinstance(old, dict) else {}
    after = new if isinstance(new, dict) else {}
    return [_difference(key, before, after) for key in _keys(after, before) if not _is_idle(key, after)]


def _is_idle(key: str, after: dict[str, Any]) -> bool:
    """Tell whether a value says nothing: nobody asks a reseller to agree when access is taken away (R3)."""
    return key == "reseller_agreed" and after.get("allowed") is False


def _keys(*values: dict[str, Any]) -> Iterable[str]:
    """Return the keys in the order of the labels, whatever order JSON in the database has given them."""
    places = {key: place for place, key in enumerate(_LABELS)}
    return sorted({key for value in values for key in value}, key=lambda key: (places.get(key, len(places)), key))


def _difference(key: str, before: dict[str, Any], after: dict[str, Any]) -> Difference:
    label = _LABELS.get(key) or key.replace("_", " ").capitalize()
    old = _in_words(key, before[key]) if before.get(key) is not None else ""
    new = _in_words(key, after.get(key))
    return Difference(str(label), "" if old == new and key != "allowed" else old, new)


def _in_words(key: str, value: Any) -> str:
    if value in (None, "", []):
        return _("none")
    if isinstance(value, bool):
        return _truth(key, value)
    if isinstance(value, list):
        return ", ".join(_in_words(key, part) for part in value)
    text = str(value)
    if key.endswith("_at") and (moment := parse_datetime(text)) and is_aware(moment):
        local = localtime(moment)
        return _("%(date)s at %(time)s") % {"date": date_format(local, "j F Y"), "time": date_format(local, "H:i")}
    return str(_ROLES.get(text) or WORDS.get(text) or text)


def _truth(key: str, value: bool) -> str:
    if key == "allowed":
        return _("Allowed") if value else _("Not allowed")
    return _("Yes") if value else _("No")
