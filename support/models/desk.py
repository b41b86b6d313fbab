from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts.models import Reseller, User
from support.models.case import Case


class PartnerAssignee(models.Model):
    """Who works on a case at one reseller; there may be several resellers, and none knows of the others' (S13)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="partner_assignees")
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="+")
    assignee = models.ForeignKey(User, models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "reseller"], name="one_assignee_per_case_and_partner")]

    def __str__(self) -> str:
        return f"{self.assignee_id} on {self.case_id}"


class CaseNote(models.Model):
    """A note about a case that only the people of one organisation read: of a reseller, or of the vendor (S13).

    Nothing else is made of it: no line of the case's history, no mail, no line of an export.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    # Whose note it is; null: the vendor's.
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, related_name="+")
    text = models.TextField(max_length=20_000)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [models.Index("case", "reseller", "id", name="notes_of_a_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.pk}"
