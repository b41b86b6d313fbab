from __future__ import annotations

from support.models.attachment import Attachment
from support.models.case import Case, CaseEvent, Subscriber
from support.models.desk import CaseNote, PartnerAssignee
from support.models.migration import CareMigration
from support.models.partner import LookUp, SupportAssignment

__all__ = [
    "Attachment",
    "CareMigration",
    "Case",
    "CaseEvent",
    "CaseNote",
    "LookUp",
    "PartnerAssignee",
    "Subscriber",
    "SupportAssignment",
]
