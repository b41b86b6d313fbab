"""The old and new values of the audit log in words (A2). The stored values are JSON and know no language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime, parse_duration
from django.utils.functional import Promise
from django.utils.timezone import is_aware
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.factors import Factor, SignInWay
from accounts.models.activations import ActivationEnd, Approval
from accounts.models.devices import DeprovisionReason, DeviceKind, DeviceStatus
from accounts.models.directory import MemberRole, WhoMay
from accounts.models.domains import VerifiedHow
from accounts.models.jobs import BulkAction, JobKind
from accounts.models.two_people import Demand, ProposalKind
from accounts.moments import dated_text
from accounts.rate_limits import Limit
from accounts.roles import Role
from accounts.wording import labelled
from subscriptions.access.durations import duration_text
from subscriptions.models.change import FailureReason
from subscriptions.models.customer_group import GroupKind
from subscriptions.models.finding import FindingKind
from subscriptions.models.level import Level
from subscriptions.models.order import PaymentKind
from subscriptions.models.review import Decision, LineKind
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Plan, RenewalType, Status, SuspensionReason
from support.models.case import EscalationReason, State
from support.models.partner import AssignmentStatus, Service

_LABELS: dict[str, Promise] = {
    "allowed": gettext_lazy("Access"),
    "level": gettext_lazy("Level"),
    "standing_access": gettext_lazy("Open without an activation"),
    "access_ends_at": gettext_lazy("Access ends"),
    "lasts": gettext_lazy("Duration"),
    "subscriptions": gettext_lazy("Subscriptions"),
    "review_months": gettext_lazy("Months between reviews"),
    "deadline_at": gettext_lazy("Deadline"),
    "line_kind": gettext_lazy("Type"),
    "group_kind": gettext_lazy("Type"),
    "review_decision": gettext_lazy("Decision"),
    "note": gettext_lazy("Note"),
    "keep": gettext_lazy("Kept"),
    "narrow": gettext_lazy("Narrowed"),
    "remove": gettext_lazy("Removed"),
    "ended": gettext_lazy("Ended meanwhile"),
    "undecided": gettext_lazy("Undecided"),
    "handed_to": gettext_lazy("Handed on to"),
    "proposal": gettext_lazy("Proposal"),
    "proposed_by": gettext_lazy("Proposed by"),
    "told": gettext_lazy("Told"),
    "two_people_for": gettext_lazy("Two super admins decide about"),
    "takes_requests": gettext_lazy("Resellers may ask for access"),
    "due_at": gettext_lazy("Due"),
    "longest_access": gettext_lazy("Longest access"),
    "new_reseller_level": gettext_lazy("Level for new resellers"),
    "new_reseller_access": gettext_lazy("Access of new resellers lasts"),
    "activation_longest": gettext_lazy("An activation lasts at most"),
    "activation_approval": gettext_lazy("Who approves activations"),
    "second_factor_from_outside": gettext_lazy("People from outside need a second factor"),
    "machines_admitted": gettext_lazy("Machines of resellers may work in this console"),
    "machines_kept_out": gettext_lazy("Machines that are kept out"),
    "opened_at": gettext_lazy("Open since"),
    "closes_at": gettext_lazy("Open until"),
    "generation": gettext_lazy("Generation"),
    "restored_from": gettext_lazy("After the restore of a backup of"),
    "finding": gettext_lazy("Finding"),
    "snoozed_until": gettext_lazy("Snoozed until"),
    "reason": gettext_lazy("Reason"),
    "answer": gettext_lazy("Answer"),
    "because": gettext_lazy("Because"),
    "case_number": gettext_lazy("Case number"),
    "reason_required": gettext_lazy("Reason required"),
    "SKU_NAME": gettext_lazy("Subscription"),
    "reseller_agreed": gettext_lazy("The reseller agreed"),
    "status": gettext_lazy("Status"),
    "plan": gettext_lazy("Plan"),
    "seats": gettext_lazy("Seats"),
    "reasons": gettext_lazy("Why it is suspended"),
    "plan_after_trial": gettext_lazy("Plan after the trial"),
    "seats_after_trial": gettext_lazy("Seats after the trial"),
    "purchase_order": gettext_lazy("Purchase order"),
    "deal_code": gettext_lazy("Deal code"),
    "renewal": gettext_lazy("At the end of the commitment"),
    "ends_at": gettext_lazy("End of the commitment or trial"),
    "postal_address": gettext_lazy("Postal address"),
    "phone_number": gettext_lazy("Telephone number"),
    "alternate_email": gettext_lazy("Alternate e-mail address"),
    "contact_name": gettext_lazy("Contact"),
    "reseller": gettext_lazy("Reseller"),
    "products": gettext_lazy("Products"),
    "expires_at": gettext_lazy("Valid until"),
    "kind": gettext_lazy("Type"),
    "institution": gettext_lazy("Brand or bank"),
    "last_digits": gettext_lazy("Last four digits"),
    "expires_on": gettext_lazy("Expires"),
    "is_primary": gettext_lazy("Primary"),
    "role": gettext_lazy("Role"),
    "roles": gettext_lazy("Roles"),
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "must_change_password": gettext_lazy("Chooses a new password at the next sign-in"),
    "recovery_email": gettext_lazy("Recovery e-mail address"),
    "recovery_phone": gettext_lazy("Recovery telephone number"),
    "email": gettext_lazy("E-mail address"),
    "org_unit": gettext_lazy("Organisational unit"),
    "team": gettext_lazy("Team"),
    "agent": gettext_lazy("Agent"),
    "case": gettext_lazy("Case"),
    "customer": gettext_lazy("Customer"),
    "customers": gettext_lazy("Customers"),
    "works_for_all": gettext_lazy("Works for all customers"),
    "domain": gettext_lazy("Domain"),
    "verified_how": gettext_lazy("Verified"),
    "holds": gettext_lazy("Has the domain"),
    "primary_domain": gettext_lazy("Primary domain"),
    "active": gettext_lazy("Active"),
    "suspended": gettext_lazy("Suspended"),
    "holders": gettext_lazy("Held by"),
    "assignee": gettext_lazy("Assigned to"),
    "service": gettext_lazy("Service"),
    "priority": gettext_lazy("Priority"),
    "case_state": gettext_lazy("Status"),
    "escalation_reason": gettext_lazy("Reason"),
    "title": gettext_lazy("Title"),
    "subscriber": gettext_lazy("Gets mail"),
    "satisfaction": gettext_lazy("Satisfaction"),
    "files": gettext_lazy("Files"),
    "verifier": gettext_lazy("Verifier"),
    "partner": gettext_lazy("Support partner"),
    "contracts": gettext_lazy("Contracts"),
    "automatic": gettext_lazy("Assigned automatically"),
    "moves_on": gettext_lazy("Date of the move"),
    "description": gettext_lazy("Description"),
    "approves_mobile_devices": gettext_lazy("Approval of mobile devices"),
    "device_kind": gettext_lazy("Device type"),
    "serial_number": gettext_lazy("Serial number"),
    "model": gettext_lazy("Model"),
    "os_version": gettext_lazy("Version of the operating system"),
    "device_status": gettext_lazy("Status"),
    "device_user": gettext_lazy("Used by"),
    "deprovision_reason": gettext_lazy("Reason for deprovisioning"),
    "annotated_user": gettext_lazy("User, as noted"),
    "annotated_asset_id": gettext_lazy("Asset ID"),
    "annotated_location": gettext_lazy("Location, as noted"),
    "notes": gettext_lazy("Notes"),
    "group": gettext_lazy("Group"),
    "member": gettext_lazy("Member"),
    "member_role": gettext_lazy("Role in the group"),
    "members": gettext_lazy("Members"),
    "who_may_join": gettext_lazy("Who may join"),
    "who_may_post": gettext_lazy("Who may write to the group"),
    "who_may_see_members": gettext_lazy("Who may see the members"),
    "job_kind": gettext_lazy("Type"),
    "bulk_action": gettext_lazy("Action"),
    "lines": gettext_lazy("Lines"),
    "lines_settled": gettext_lazy("Lines until then"),
    "attempts": gettext_lazy("Attempts"),
    "network": gettext_lazy("From the network"),
    "first_at": gettext_lazy("First"),
    "last_at": gettext_lazy("Last"),
    "sessions": gettext_lazy("Other sessions ended"),
    "second_factor": gettext_lazy("Second factor"),
    "rate_limit": gettext_lazy("Limit"),
    "mails": gettext_lazy("Mails"),
    "way": gettext_lazy("Signed in"),
    "enabled": gettext_lazy("Single sign-on"),
    "issuer": gettext_lazy("Issuer"),
    "client_id": gettext_lazy("Client ID"),
    "sso_subject": gettext_lazy("Subject at the provider"),
    "scopes": gettext_lazy("Scopes"),
    "key": gettext_lazy("Key"),
}

_PLACES = {key: place for place, key in enumerate(_LABELS)}

# Enumerations whose values are words of one meaning, whatever key they stand under.
ENUMERATIONS: tuple[type[TextChoices], ...] = (
    Plan,
    Status,
    RenewalType,
    SuspensionReason,
    PaymentKind,
    FailureReason,
    AssignmentStatus,
    Role,
)
WORDS: dict[str, Promise | str] = {member.value: member.label for words in ENUMERATIONS for member in words}
# Those whose values are words of several, by the key that they stand under: "pending".
_CHOICES: dict[str, type[TextChoices]] = {
    "finding": FindingKind,
    "level": Level,
    "new_reseller_level": Level,
    "standing_access": Standing,
    "activation_approval": Approval,
    "because": ActivationEnd,
    "line_kind": LineKind,
    "group_kind": GroupKind,
    "review_decision": Decision,
    "proposal": ProposalKind,
    "two_people_for": Demand,
    "verified_how": VerifiedHow,
    "second_factor": Factor,
    "rate_limit": Limit,
    "way": SignInWay,
    "device_kind": DeviceKind,
    "device_status": DeviceStatus,
    "deprovision_reason": DeprovisionReason,
    "service": Service,
    "case_state": State,
    "escalation_reason": EscalationReason,
    "job_kind": JobKind,
    "bulk_action": BulkAction,
    "member_role": MemberRole,
    "who_may_join": WhoMay,
    "who_may_post": WhoMay,
    "who_may_see_members": WhoMay,
}
# How long access lasts, as ISO 8601 writes a duration.
_DURATIONS = frozenset({"longest_access", "new_reseller_access", "activation_longest"})
# When something was, or will be over, beside the keys that end in "_at".
_MOMENTS = frozenset({"restored_from", "snoozed_until"})
# Settings of a unit: without a value of its own it has that of the unit above.
_INHERITED = frozenset({"approves_mobile_devices"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One value before and after, in words; `old` is empty where there was none, or where nothing was compared."""

    label: str
    old: str
    new: str

    def __str__(self) -> str:
        change = f"{self.old} → {self.new}" if self.old else self.new
        return labelled(self.label, change) if self.label else change


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
    return sorted({key for value in values for key in value}, key=lambda key: (_PLACES.get(key, len(_PLACES)), key))


def _difference(key: str, before: dict[str, Any], after: dict[str, Any]) -> Difference:
    label = _labels(get_language()).get(key) or key.replace("_", " ").capitalize()
    had_a_value = before.get(key) is not None or (key in _INHERITED and key in before)
    old = _in_words(key, before[key]) if had_a_value else ""
    new = _in_words(key, after.get(key))
    return Difference(label, "" if old == new and key != "allowed" else old, new)


def _in_words(key: str, value: Any) -> str:
    if value is None and key in _INHERITED:
        return _("as above")
    if value is None and key == "snoozed_until":
        return _("the facts change")
    if key == "lasts":
        return duration_text(parse_duration(str(value)) if value else None)
    if value in (None, "", []):
        return _("none")
    if isinstance(value, bool):
        return _truth(key, value)
    if isinstance(value, list):
        return ", ".join(_in_words(key, part) for part in value)
    text = str(value)
    words = _words(get_language())
    if key in _CHOICES and (label := words.get((key, text))):
        return label
    if (key.endswith("_at") or key in _MOMENTS) and (moment := parse_datetime(text)) and is_aware(moment):
        return dated_text(moment)
    if key in _DURATIONS and (lasts := parse_duration(text)):
        return duration_text(lasts)
    return words.get(("", text), text)


@cache
def _labels(language: str | None) -> dict[str, str]:
    """Return the labels in the language that is set: to look one up for each row takes a lock each time."""
    return {key: str(label) for key, label in _LABELS.items()}


@cache
def _words(language: str | None) -> dict[tuple[str, str], str]:
    """Return the values that are words, by their key where they have several meanings, in the language that is set."""
    of_one = {("", value): str(label) for value, label in WORDS.items()}
    return of_one | {(key, member.value): str(member.label) for key, words in _CHOICES.items() for member in words}


def _truth(key: str, value: bool) -> str:
    if key == "allowed":
        return _("Allowed") if value else _("Not allowed")
    if key in _INHERITED:
        return _("On") if value else _("Off")
    return _("Yes") if value else _("No")
