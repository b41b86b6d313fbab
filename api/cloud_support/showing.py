"""Cases, comments and files as resources of the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.models import User
from accounts.moments import rfc3339
from api.cloud_support.classifications import shown_classification
from support.models import Attachment, Case, CaseEvent


def shown_case(case: Case) -> dict[str, Any]:
    """Return the resource of a case as `asked.shown()` reads it.

    Its subscribers are the others who get mail: as in the original, the person who filed it is none of them.
    """
    others = (row.person for row in case.subscribers.all() if row.person_id != case.filed_by_id)
    resource = {
        "name": name_of(case),
        "displayName": case.title,
        "description": case.description,
        "classification": shown_classification(case.service, case.category),
        "timeZone": case.time_zone,
        "subscriberEmailAddresses": sorted(person.email for person in others),
        "state": case.state,
        "createTime": rfc3339(case.filed_at),
        "updateTime": rfc3339(case.updated_at),
        "creator": shown_person(case.filed_by),
        "escalated": case.escalated_at is not None,
        "testCase": case.test_case,
        "languageCode": case.language,
        "priority": case.priority,
    }
    return resource | ({"contactEmail": case.contact_email} if case.contact_email else {})


def shown_comment(case: Case, event: CaseEvent, number: int) -> dict[str, Any]:
    """Return the resource of a comment. number: which of its case's comments it is, from 1 on."""
    creator = {"creator": shown_person(event.by)} if event.by else {}
    return {
        "name": f"{name_of(case)}/comments/{number}",
        "createTime": rfc3339(event.at),
        **creator,
        "body": event.text,
        "plainTextBody": event.text,
    }


def shown_file(case: Case, file: Attachment) -> dict[str, Any]:
    """Return the resource of a file: what is said of it is what was stored, without what a HAR file had to hide."""
    return {
        "name": f"{name_of(case)}/attachments/{file.pk}",
        "createTime": rfc3339(file.uploaded_at),
        "creator": shown_person(file.uploaded_by),
        "filename": file.name,
        "mimeType": file.media_type,
        "sizeBytes": str(file.size),
    }


def shown_person(person: User) -> dict[str, Any]:
    """Return who did something. Who answers at vendor support is not told."""
    if person.is_vendor:
        return {"displayName": f"{settings.VENDOR_NAME} Support", "googleSupport": True}
    return {
        "displayName": person.name,
        "email": person.email,
        "username": person.email,
        "googleSupport": False,
    }


def name_of(case: Case) -> str:
    """Return the name of a case in the API."""
    return f"organizations/{case.customer.organization_number}/cases/{case.pk}"
