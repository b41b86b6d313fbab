"""A reseller takes subscriptions over: the token, what moves and what follows from it, then the transfer (B1, R13)."""

from __future__ import annotations

from datetime import datetime

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Customer
from accounts.names import isolated
from accounts.roles import Role
from subscriptions.access.relation import console_would_open
from subscriptions.lifecycle.confirming import Look, to_type
from subscriptions.lifecycle.consequences import of_moving_seats
from subscriptions.models import TransferToken
from subscriptions.transfer_scope import MONTHS_AWAY, Group, find_token, groups_for, used_tokens_of
from subscriptions.transfers import UNKNOWN_TOKEN, transfer_subscriptions
from web.guards import reseller_page
from web.lists.pages import page_of
from web.orders.confirming import CONFIRM, EDIT, Outcome, SecondLook, confirm
from web.orders.transfer_forms import TakeOverForm, TokenForm, in_fours
from web.requests import ResellerRequest

UNKNOWN = "unknown_transfer_token"  # how settings_sign_in.py calls the limit


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
@sensitive_post_parameters("token")
def reseller_transfers(request: ResellerRequest) -> HttpResponse:
    """Take the token, show what can move and what follows, and move it. Looking does not use the token up."""
    if request.method != "POST":
        return _start(request, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _start(request, form, status=422)
    if not ratelimit.consume(request, action=UNKNOWN, user=request.user, dry_run=True):
        form.add_error(None, _("Too many tokens did not fit. Try again in an hour."))
        return _start(request, form, status=429)
    token = find_token(request.reseller, form.cleaned_data["domain"], form.cleaned_data["token"])
    if token is None:
        ratelimit.consume(request, action=UNKNOWN, user=request.user)
        form.add_error(None, str(UNKNOWN_TOKEN))
        return _start(request, form, status=422)
    groups, step = groups_for(token), request.POST.get("step")
    if step not in ("transfer", EDIT, CONFIRM):
        return _preview(request, form, token, TakeOverForm(groups=groups))
    if step == EDIT:
        return _preview(request, form, token, TakeOverForm(request.POST, groups=groups))
    return _transfer(request, form, token, TakeOverForm(request.POST, groups=groups))


def _transfer(request: ResellerRequest, form: TokenForm, token: TransferToken, chosen: TakeOverForm) -> HttpResponse:
    if not chosen.is_valid():
        return _preview(request, form, token, chosen, status=422)
    try:
        outcome = _moved(request, form, token, chosen)
    except Refused as refused:
        if refused.field == "token":
            form.add_error(None, refused.message)
            return _start(request, form, status=422)
        # What is there now, and what was typed.
        chosen = TakeOverForm(request.POST, groups=groups_for(token))
        chosen.add_error(refused.field if refused.field in chosen.fields else None, refused.message)
        return _preview(request, form, token, chosen, status=422)
    if outcome.second is not None:
        return _preview(request, form, token, chosen, second=outcome.second, status=outcome.status)
    number = sum(len(group.lines) for group in outcome.done or ())
    text = ngettext(
        "%(number)s subscription of %(customer)s was transferred to your organisation.",
        "%(number)s subscriptions of %(customer)s were transferred to your organisation.",
        number,
    )
    messages.success(request, text % {"number": number, "customer": isolated(token.customer.name)})
    return redirect("reseller_customer", domain=token.customer.primary_domain)


def _moved(
    request: ResellerRequest, form: TokenForm, token: TransferToken, chosen: TakeOverForm
) -> Outcome[list[Group]]:
    """Take over what was chosen; where seats change, return what to show first unless that was confirmed."""
    products, seats = chosen.cleaned_data["products"], chosen.seats

    def look() -> Look | None:
        groups = groups_for(token)
        moving = [line.subscription for group in groups if group.product.pk in products for line in group.lines]
        changed = [(one, seats[one.pk]) for one in moving if seats.get(one.pk, one.seats) != one.seats]
        numbers = [number for one, wanted in changed if (number := to_type(one.seats, wanted))]
        said = [of_moving_seats(one, wanted) for one, wanted in changed]
        about = [token.pk, sorted(products), sorted((one.pk, one.seats) for one in moving)]
        return Look(said, about, max(numbers, default=None)) if changed else None

    return confirm(
        request,
        customer=token.customer,
        look=look,
        change=lambda: transfer_subscriptions(
            actor=Actor.of(request),
            reseller=request.reseller,
            domain=form.cleaned_data["domain"],
            code=form.cleaned_data["token"],
            products=products,
            seen=chosen.cleaned_data["seen"],
            seats=seats,
        ),
    )


def _start(request: ResellerRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    used = used_tokens_of(request.reseller).select_related("customer").prefetch_related("transfers__product")
    found = page_of(request, used, "transfers")
    context = {
        "form": form,
        "public_id": in_fours(request.reseller.public_id),
        "taken": [_taken(token) for token in found.rows],
        "pager": found.pager,
    }
    return render(request, "reseller/transfers.html", context, status=status)


def _taken(token: TransferToken) -> tuple[TransferToken, list[str], datetime | None]:
    """Return a token with what moved with it and when: all at once, or one product after the other."""
    transfers = token.transfers.all()
    moment = token.used_at or max((each.at for each in transfers), default=None)
    return token, sorted({each.product.name for each in transfers}), moment


def _preview(
    request: ResellerRequest,
    form: TokenForm,
    token: TransferToken,
    chosen: TakeOverForm,
    *,
    second: SecondLook | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": chosen,
        "second": second,
        "sent": form.cleaned_data,
        "token": token,
        "months": MONTHS_AWAY,
        "movable": any(not group.barred_until for group in chosen.groups),
        "console": _console_text(token.customer, request),
    }
    return render(request, "reseller/transfer.html", context, status=status)


def _console_text(customer: Customer, request: ResellerRequest) -> str:
    """Say what becomes of this reseller's access to the console (R1)."""
    opens = console_would_open(customer, request.reseller)
    if opens is None:
        text = _("Your access to the admin console of %(customer)s stays as it is.")
    elif opens:
        text = _("The admin console of %(customer)s opens to your organisation. %(customer)s can close it at any time.")
    else:
        text = _(
            "The admin console of %(customer)s stays closed to your organisation until a super admin there opens it."
        )
    return text % {"customer": isolated(customer.name)}
