"""What a machine proposes (X1): it has no fresh proof, so what it would give waits for a super admin (P13, R21).

Another one than the person for whom it acts, also where the customer demands no second one: who has stolen its key is
not that person. Where there is no other one, that person decides alone, with a reason, as R21 has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.authorisation import authorise
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, Proposal
from accounts.models.two_people import ProposalKind
from accounts.permissions import Permission
from accounts.two_people.proposing import propose
from subscriptions.access.answering import Answer, answer_values, preview_answer, seen_in
from subscriptions.access.boxes_waiting import propose_boxes
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import preview_reseller_access
from subscriptions.access.errors import AccessRefused
from subscriptions.access.extent import Extent
from subscriptions.access.requests import requests_to, subscriptions_asked_for


@transaction.atomic
def propose_access(
    *, actor: Actor, customer: Customer, desired: Iterable[Desired], agreed: Collection[int] = ()
) -> Proposal:
    """Let boxes that give access wait for a super admin; nothing is given now.

    desired, agreed: as save_reseller_access() has them, all of them ticked.

    Raises Refused where a rule refuses a box, where another person changed it meanwhile, and where nothing would be
    given; PermissionDenied for anybody but a super admin (R5).
    """
    lock_customer(customer)
    boxes = list(desired)
    try:
        found = preview_reseller_access(actor=actor, customer=customer, desired=boxes, agreed=agreed, approved=True)
    except AccessRefused as refused:
        raise Refused(refused.message) from refused
    if found.conflicts:
        raise Refused(
            _("This access was changed meanwhile. Look at what is open now, and propose it again."),
            reason="conditionNotMet",
        )
    if not found.gives:
        raise Refused(_("This would give nothing, so there is nothing to approve."), reason="conditionNotMet")
    return propose_boxes(actor, customer, boxes, agreed)


@transaction.atomic
def propose_approval(*, actor: Actor, customer: Customer, request_id: int) -> Proposal:
    """Let the approval of a request, as it was asked, wait for a super admin; the request stays open.

    Raises Refused where it is open no more, or a rule refuses it; PermissionDenied as propose_access().
    """
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    request = requests_to(customer).filter(pk=request_id).first()
    if request is None:
        raise Refused(_("This request does not exist."), reason="notFound")
    asked = frozenset(subscriptions_asked_for(request).values_list("pk", flat=True))
    answer = Answer(Extent(request.level, lasts=request.lasts), asked, seen_in(request))
    try:
        preview_answer(actor=actor, request=request, answer=answer, approved=True)
    except AccessRefused as refused:
        raise Refused(refused.message) from refused
    said = {"request": request.pk, "answer": answer_values(answer)}
    name = request.reseller.name
    return propose(actor=actor, customer=customer, kind=ProposalKind.ANSWER, subject=name, said=said)
