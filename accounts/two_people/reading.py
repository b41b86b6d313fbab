"""What a proposal is at this instant, and who may read it (R21).

It needs no job to be over: one that waits is compared with the database's clock and with its author's role wherever
it is read.
"""

from __future__ import annotations

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts.models import Customer, Proposal, User
from accounts.models.two_people import ProposalStatus
from accounts.roles import Role

_AUTHORS = User.objects.filter(
    pk=OuterRef("author"),
    customer=OuterRef("customer"),
    is_active=True,
    role_assignments__role=Role.SUPER_ADMIN,
)


def proposals_of(customer: Customer) -> QuerySet[Proposal]:
    """Return every proposal of a customer, the newest first, with its status as it is now (`status_now`)."""
    waits = Q(status=ProposalStatus.WAITING)
    proposals = Proposal.objects.filter(customer=customer).order_by("-id")
    status_now = Case(
        When(waits & ~Exists(_AUTHORS), Value(ProposalStatus.LAPSED)),
        When(waits & Q(expires_at__lte=Now()), Value(ProposalStatus.EXPIRED)),
        default=F("status"),
        output_field=CharField(),
    )
    return proposals.annotate(status_now=status_now)  # type: ignore[no-redef]


def waiting_proposals_of(customer: Customer) -> QuerySet[Proposal]:
    """Return what waits for another super admin of this customer."""
    waits = Q(status=ProposalStatus.WAITING, expires_at__gt=Now())
    return proposals_of(customer).filter(waits, Exists(_AUTHORS))
