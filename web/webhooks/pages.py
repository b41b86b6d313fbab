"""The pages *Webhooks* of a customer and of a reseller: what each of them does, behind its guard (X6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.event_families import Family
from accounts.models import Reseller, WebhookDelivery, WebhookEndpoint
from accounts.names import isolated
from accounts.webhooks import asking, endpoints
from accounts.webhooks.rules import endpoints_of
from subscriptions.notifying import notified_webhooks, working_registrations
from web import shown_once
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import SignedInRequest
from web.webhooks.area import Area
from web.webhooks.forms import NewWebhookForm
from web.webhooks.words import Shown, families_in_words, message_of, status_of, try_of


class Row(NamedTuple):
    """An endpoint, its host, its status, what it hears of, and its page."""

    endpoint: WebhookEndpoint
    host: str
    status: Shown
    families: str
    url: str


class Line(NamedTuple):
    """A message: what became of it, its page, and where it is sent again; empty while it waits, or nothing is sent."""

    delivery: WebhookDelivery
    number: str
    status: Shown
    url: str
    replay_url: str


def listed(request: SignedInRequest, area: Area) -> HttpResponse:
    """List the endpoints of an organisation, the newest first."""
    found = page_of(request, endpoints_of(area.owner).select_related("made_by"), "webhooks")
    now = database_now()
    rows = [_row(area, endpoint, status_of(endpoint, now)) for endpoint in found.rows]
    context = {"area": area, "rows": rows, "pager": found.pager, "notified": _notified(area)}
    return render(request, "webhooks/webhooks.html", context)


def _notified(area: Area) -> dict[str, list[str]]:
    """Return which service accounts are registered for notifications, and which webhooks get them; or nothing."""
    if not isinstance(area.owner, Reseller):
        return {}
    accounts = list(working_registrations(area.owner).order_by("email").values_list("email", flat=True))
    webhooks = list(notified_webhooks(area.owner).values_list("name", flat=True)) if accounts else []
    return {"accounts": accounts, "webhooks": webhooks} if accounts else {}


def added(request: SignedInRequest, area: Area) -> HttpResponse:
    """Add an endpoint; the page it leads to shows its secret once."""
    form = NewWebhookForm(request.POST if request.method == "POST" else None, organisation=area.owner)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            secret = endpoints.add_webhook(actor=Actor.of(request), organisation=area.owner, **form.cleaned_data)
            return _show(request, area, secret, form.cleaned_data["name"])
    return render(request, "webhooks/new.html", {"area": area, "form": form}, status=422 if form.errors else 200)


@sensitive_variables("shown")
def secret_shown(request: SignedInRequest, area: Area) -> HttpResponse:
    """Show the secret that was just made, once."""
    return render(request, "webhooks/secret.html", {"area": area, "shown": shown_once.shown(request)})


def detail(request: SignedInRequest, area: Area, endpoint_id: int) -> HttpResponse:
    """Show an endpoint and its messages, the newest first."""
    endpoint = _endpoint(area, endpoint_id)
    found = page_of(request, endpoint.deliveries.all(), "webhook deliveries")
    lines = [_line(area, endpoint, delivery) for delivery in found.rows]
    context = {
        "area": area,
        "row": _row(area, endpoint, status_of(endpoint, database_now())),
        "lines": lines,
        "pager": found.pager,
        "deeds": {deed: area.url(endpoint, deed) for deed in ("rotate", "test", "pause", "resume", "remove")},
    }
    return render(request, "webhooks/webhook.html", context)


def message(request: SignedInRequest, area: Area, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Show a message and what became of each try, the newest first."""
    endpoint = _endpoint(area, endpoint_id)
    delivery = _delivery(endpoint, delivery_id)
    found = page_of(request, delivery.tries.all(), "webhook tries")
    context = {
        "area": area,
        "endpoint": endpoint,
        "endpoint_url": area.url(endpoint),
        "line": _line(area, endpoint, delivery),
        "tries": [(each, try_of(each)) for each in found.rows],
        "pager": found.pager,
    }
    return render(request, "webhooks/message.html", context)


def rotated(request: SignedInRequest, area: Area, endpoint_id: int) -> HttpResponse:
    """Give an endpoint another secret; the page it leads to shows it once."""
    endpoint = _endpoint(area, endpoint_id)
    with told(request):
        secret = endpoints.rotate_webhook_secret(actor=Actor.of(request), endpoint=endpoint)
        return _show(request, area, secret, endpoint.name)
    return redirect(area.url(endpoint))


def tested(request: SignedInRequest, area: Area, endpoint_id: int) -> HttpResponse:
    """Send a test."""
    endpoint = _endpoint(area, endpoint_id)
    with told(request):
        asking.send_test(actor=Actor.of(request), endpoint=endpoint)
        messages.success(request, _("A test is on its way. Reload the page to see what was answered."))
    return redirect(area.url(endpoint))


def replayed(request: SignedInRequest, area: Area, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Send a message again."""
    endpoint = _endpoint(area, endpoint_id)
    delivery = _delivery(endpoint, delivery_id)
    with told(request):
        asking.replay_delivery(actor=Actor.of(request), delivery=delivery)
        messages.success(request, _("The message is sent again. Reload the page to see what was answered."))
    return redirect(area.url(endpoint))


def paused(request: SignedInRequest, area: Area, endpoint_id: int) -> HttpResponse:
    """Pause an endpoint."""
    done = _("%(webhook)s is paused. Nothing is sent to it until it is resumed.")
    return _changed(request, area, endpoint_id, endpoints.pause_webhook, done, _("This webhook was paused already."))


def resumed(request: SignedInRequest, area: Area, endpoint_id: int) -> HttpResponse:
    """Resume an endpoint."""
    done = _("%(webhook)s is resumed. It gets what waited, and what happens from now on.")
    return _changed(request, area, endpoint_id, endpoints.resume_webhook, done, _("This webhook was not paused."))


def removed(request: SignedInRequest, area: Area, endpoint_id: int) -> HttpResponse:
    """Remove an endpoint."""
    endpoint = _endpoint(area, endpoint_id)
    with told(request):
        endpoints.remove_webhook(actor=Actor.of(request), endpoint=endpoint)
        done = _("%(webhook)s is removed. Nothing is sent to it any more.")
        messages.success(request, done % {"webhook": isolated(endpoint.name)})
    return redirect(area.list_url)


def _changed(
    request: SignedInRequest, area: Area, endpoint_id: int, verb: Callable[..., bool], done: str, nothing: str
) -> HttpResponse:
    endpoint = _endpoint(area, endpoint_id)
    with told(request):
        if verb(actor=Actor.of(request), endpoint=endpoint):
            messages.success(request, done % {"webhook": isolated(endpoint.name)})
        else:
            messages.info(request, nothing)
    return redirect(area.url(endpoint))


def _line(area: Area, endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> Line:
    can_be_sent = delivery.settled_at and endpoint.paused_at is None
    return Line(
        delivery,
        f"msg_{delivery.message_id.hex}",
        message_of(delivery),
        area.message_url(delivery),
        area.replay_url(delivery) if can_be_sent else "",
    )


def _row(area: Area, endpoint: WebhookEndpoint, status: Shown) -> Row:
    families = families_in_words(Family(each) for each in endpoint.families)
    return Row(endpoint, urlsplit(endpoint.url).netloc, status, families, area.url(endpoint))


@sensitive_variables("secret")
def _show(request: SignedInRequest, area: Area, secret: str, name: str) -> HttpResponse:
    return shown_once.show(request, area.shown_url, {"code": secret, "name": name})


def _endpoint(area: Area, endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint of this organisation; 404 for any other."""
    found = endpoints_of(area.owner).select_related("customer", "reseller", "made_by").filter(pk=endpoint_id).first()
    if found is None:
        raise Http404
    return found


def _delivery(endpoint: WebhookEndpoint, delivery_id: int) -> WebhookDelivery:
    """Return a message of an endpoint; 404 for any other."""
    deliveries = endpoint.deliveries.select_related("endpoint__customer", "endpoint__reseller")
    found = deliveries.filter(pk=delivery_id).first()
    if found is None:
        raise Http404
    return found
