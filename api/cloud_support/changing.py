"""Filing and following cases: create, patch, escalate, close (S6, S11)."""

from __future__ import annotations

import re
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.domains import canonical_email
from api.cloud_support.asked import case_named, customer_named, text_in
from api.cloud_support.classifications import classified
from api.cloud_support.showing import name_of, shown_case
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from support import cases
from support.cases import SUBSCRIBERS_AT_MOST, Draft
from support.models import Case
from support.models.case import EscalationReason, Priority

TITLE_LONGEST: Final = 200
DESCRIPTION_LONGEST: Final = 20_000
JUSTIFICATION_LONGEST: Final = 2_000
# The original looks at no zone; this is what is stored and shown: Europe/Paris, -07:00.
_ZONE: Final = re.compile(r"[A-Za-z0-9_+:/.-]{1,64}")
# By their names in JSON and in the original's own field masks.
_FIELDS: Final = {
    "displayName": "displayName",
    "display_name": "displayName",
    "priority": "priority",
    "subscriberEmailAddresses": "subscriberEmailAddresses",
    "subscriber_email_addresses": "subscriberEmailAddresses",
}


@serves("cloudsupport.cases.create")
def create(call: Call) -> dict[str, Any]:
    """File a case of an organisation: by its own people, or for it by a partner."""
    body = call.body
    customer = customer_named(call, call.params["parent"])
    service, category = classified(body.get("classification", {}).get("id", ""))
    draft = Draft(
        service=service,
        category=category,
        title=text_in(body, "displayName", TITLE_LONGEST),
        description=text_in(body, "description", DESCRIPTION_LONGEST),
        priority=_priority(body),
        language=_language(body.get("languageCode", "")),
        time_zone=_zone(body.get("timeZone") or call.actor.user.time_zone or settings.TIME_ZONE),
        subscribers=tuple(_subscribers(body)),
        contact=_address(body["contactEmail"], "contactEmail") if body.get("contactEmail") else "",
        is_test=body.get("testCase", False),
    )
    case = cases.file_case(actor=call.actor, customer=customer, draft=draft)
    return _now(call, case)


@serves("cloudsupport.cases.patch")
def patch(call: Call) -> dict[str, Any]:
    """Change the title, the priority or the subscribers of a case.

    Without a mask all three are replaced by what is sent, as the original does: where no subscribers are sent, there
    are none afterwards. A title and a priority cannot be taken away.
    """
    case, body = case_named(call, call.params["name"]), call.body
    mask = _mask(call.params.get("updateMask", ""))
    if "displayName" in mask or (not mask and "displayName" in body):
        title = text_in(body, "displayName", TITLE_LONGEST)
        cases.change_title(actor=call.actor, case_id=case.pk, title=title)
    if "priority" in mask or (not mask and "priority" in body):
        cases.change_priority(actor=call.actor, case_id=case.pk, priority=_priority(body))
    if "subscriberEmailAddresses" in mask or not mask:
        _replace_subscribers(call, case, _subscribers(body))
    return _now(call, case)


@serves("cloudsupport.cases.escalate")
def escalate(call: Call) -> dict[str, Any]:
    """Escalate a case; one that is escalated already stays as it is."""
    case = case_named(call, call.params["name"])
    asked = call.body.get("escalation", {})
    if asked.get("reason") not in EscalationReason.values:
        raise Invalid("escalation.reason")
    justification = text_in(asked, "justification", JUSTIFICATION_LONGEST)
    reason = EscalationReason(asked["reason"])
    cases.escalate(actor=call.actor, case_id=case.pk, reason=reason, justification=justification)
    return _now(call, case)


@serves("cloudsupport.cases.close")
def close(call: Call) -> dict[str, Any]:
    """Close a case; one that is closed already stays as it is."""
    case = case_named(call, call.params["name"])
    cases.close(actor=call.actor, case_id=case.pk)
    return _now(call, case)


def _now(call: Call, case: Case) -> dict[str, Any]:
    """Return a case as it is after the change."""
    return shown_case(case_named(call, name_of(case)))


def _mask(text: str) -> frozenset[str]:
    """Return the fields that a mask names; * are all of them. Raises Invalid for others."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["*"]:
        return frozenset(_FIELDS.values())
    if not all(name in _FIELDS for name in names):
        raise Invalid("updateMask")
    return frozenset(_FIELDS[name] for name in names)


def _priority(body: dict[str, Any]) -> Priority:
    if body.get("priority") not in Priority.values:
        raise Invalid("priority")
    return Priority(body["priority"])


def _language(code: str) -> str:
    """Return the language that is spoken here for a BCP 47 code; English for any other, as in the original."""
    wanted = code.partition("-")[0].lower()
    return wanted if wanted in dict(settings.LANGUAGES) else "en"


def _zone(text: str) -> str:
    if not _ZONE.fullmatch(text):
        raise Invalid("timeZone")
    return text


def _subscribers(body: dict[str, Any]) -> set[str]:
    """Return the addresses that are sent. Raises Invalid for what is none, and for too many."""
    sent = body.get("subscriberEmailAddresses", [])
    if len(sent) > SUBSCRIBERS_AT_MOST:
        raise Invalid("subscriberEmailAddresses")
    return {_address(text, "subscriberEmailAddresses") for text in sent}


def _address(text: str, what: str) -> str:
    try:
        return canonical_email(text)
    except ValidationError as error:
        raise Invalid(what) from error


def _replace_subscribers(call: Call, case: Case, wanted: set[str]) -> None:
    """Let these people get mail about a case, besides the person who filed it, and nobody else."""
    now = {row.person.email for row in case.subscribers.all() if row.person_id != case.filed_by_id}
    for address in sorted(now - wanted):
        cases.unsubscribe(actor=call.actor, case_id=case.pk, email=address)
    for address in sorted(wanted - now):
        cases.subscribe(actor=call.actor, case_id=case.pk, email=address)
