"""What waits for a second super admin and is about subscriptions: access, answers to requests, tokens (R21)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Customer, Reseller
from accounts.models.two_people import ProposalKind
from accounts.moments import moment_text
from accounts.names import isolated
from accounts.two_people.kinds import Kind, Overtaken, Said
from subscriptions.access.answering import answer_of, approve_as_two, preview_answer
from subscriptions.access.boxes_waiting import boxes_in
from subscriptions.access.desired import preview_reseller_access, save_approved_access
from subscriptions.access.errors import AccessRefused
from subscriptions.access.request_words import sentences_of
from subscriptions.access.requests import requests_to
from subscriptions.access.step_words import planned_in_full
from subscriptions.models import AccessGrant, AccessRequest
from subscriptions.transfers import TOKEN_LASTS, generate_approved_token, movable


def _access_says(actor: Actor, customer: Customer, said: Said) -> list[str]:
    try:
        preview = preview_reseller_access(
            actor=actor, customer=customer, desired=boxes_in(said), agreed=said["agreed"], approved=True
        )
    except AccessRefused as refused:
        raise Refused(refused.message, reason=refused.reason) from refused
    if preview.conflicts:
        raise _overtaken(preview.conflicts)
    return planned_in_full(preview.steps)


def _save_access(actor: Actor, customer: Customer, said: Said) -> str:
    try:
        saved = save_approved_access(actor=actor, customer=customer, desired=boxes_in(said), agreed=said["agreed"])
    except AccessRefused as refused:
        raise Refused(refused.message, reason=refused.reason) from refused
    if saved.conflicts:
        raise _overtaken(saved.conflicts)
    return ""


def _overtaken(grants: Sequence[AccessGrant]) -> Overtaken:
    """Say who changed the first of them, and when (R6)."""
    newest = grants[0].changes.order_by("-generation").first()
    words = {
        "reseller": isolated(grants[0].reseller.name),
        "person": (newest.requested_by_email if newest else "") or _("System"),
        "moment": moment_text(newest.requested_at, sentence=True) if newest else "",
    }
    return Overtaken(
        _(
            "The access of %(reseller)s was changed after this was proposed: %(moment)s, by %(person)s. Look at what is"
            " open now, and propose it again if it is still wanted."
        )
        % words
    )


def _answer_says(actor: Actor, customer: Customer, said: Said) -> list[str]:
    request, answer = _request(customer, said), answer_of(said["answer"])
    try:
        preview = preview_answer(actor=actor, request=request, answer=answer, approved=True)
    except AccessRefused as refused:
        raise Refused(refused.message, reason=refused.reason) from refused
    return sentences_of(request, answer, preview)


def _approve_request(actor: Actor, customer: Customer, said: Said) -> str:
    request, answer = _request(customer, said), answer_of(said["answer"])
    try:
        approve_as_two(actor=actor, customer=customer, request_id=request.pk, answer=answer)
    except AccessRefused as refused:
        raise Refused(refused.message, reason=refused.reason) from refused
    return ""


def _request(customer: Customer, said: Said) -> AccessRequest:
    return requests_to(customer).get(pk=said["request"])


def _token_says(actor: Actor, customer: Customer, said: Said) -> list[str]:
    reseller = _reseller(said)
    products = movable(actor, customer, reseller, said["products"])
    words = {"reseller": isolated(reseller.name), "days": TOKEN_LASTS.days}
    text = _("%(reseller)s can take over subscriptions of your organisation with a token, for %(days)s days.")
    limits = [_("Only these products: %(products)s.") % {"products": ", ".join(p.name for p in products)}]
    return [text % words, *(limits if products else [])]


def _make_token(actor: Actor, customer: Customer, said: Said) -> str:
    reseller = _reseller(said)
    return generate_approved_token(actor=actor, customer=customer, reseller=reseller, products=said["products"])


def _reseller(said: Said) -> Reseller:
    return Reseller.objects.get(pk=said["reseller"])


KINDS = {
    ProposalKind.ACCESS: Kind(_access_says, _save_access),
    ProposalKind.ANSWER: Kind(_answer_says, _approve_request),
    ProposalKind.TRANSFER_TOKEN: Kind(_token_says, _make_token),
}
