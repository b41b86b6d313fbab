"""Devices: the list, one device, enrolling one, and what is done with one or with several at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.directory import devices as verbs
from accounts.directory.device_scope import chosen_devices, devices_of
from accounts.directory.tree import place, tree_of
from accounts.models import Device
from accounts.models.devices import DeviceStatus
from accounts.models.jobs import JobKind
from accounts.permissions import Permission
from web.console.bulk import bar_of
from web.console.devices_list import DEVICES, all_devices, rows_of
from web.console.forms.devices import DeviceAction, DevicesFilter, EnrolDeviceForm
from web.guards import console_page
from web.lists.columns import Box, Rows
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_DEVICES)
def devices(request: ConsoleRequest) -> HttpResponse:
    """List the devices of this customer, with boxes to choose several."""
    tree, may = tree_of(request.customer), request.permissions
    form = DevicesFilter(request.GET, tree=tree)
    filtered = form.filtered(devices_of(request.customer))
    page = page_of(request, filtered, "devices", size=DEVICES.size_for(request))
    may_change = Permission.MANAGE_DEVICES in may
    bulk = bar_of(request, JobKind.CHANGE_DEVICES, "devices_bulk", all_devices)
    rows = Rows(
        rows_of(page.rows, request.customer, tree, may),
        title=lambda row: row.device.serial_number,
        box=Box("device", lambda row: row.device.pk) if bulk else None,
    )
    listing = Listing(request, DEVICES, form, rows, page.pager, counted(filtered), bulk=bulk)
    if may_change:
        listing.new_url = reverse("device_enrol", kwargs={"domain": request.customer.primary_domain})
        listing.new_label = _("Enrol device")
    return render(request, "console/devices.html", {"list": listing, "may_change": may_change})


@require_safe
@console_page(Permission.VIEW_DEVICES)
def device(request: ConsoleRequest, device_id: int) -> HttpResponse:
    """Show one device."""
    found = get_object_or_404(devices_of(request.customer), pk=device_id)
    context = {
        "device": found,
        "path": place(tree_of(request.customer), found.org_unit_id, request.customer),
        "may_change": Permission.MANAGE_DEVICES in request.permissions,
    }
    return render(request, "console/device.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_DEVICES)
def device_enrol(request: ConsoleRequest) -> HttpResponse:
    """Enrol one device by hand."""
    tree = tree_of(request.customer)
    data = request.POST if request.method == "POST" else None
    form = EnrolDeviceForm(data, customer=request.customer, tree=tree)
    if form.is_valid():
        with shown_on(form):
            made = verbs.enrol_device(actor=Actor.of(request), customer=request.customer, **form.cleaned_data)
            waits = made.status == DeviceStatus.PENDING
            text = _("The device was enrolled and waits for approval.") if waits else _("The device was enrolled.")
            messages.success(request, text)
            return redirect("device", domain=request.customer.primary_domain, device_id=made.pk)
    return render(request, "console/device_enrol.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_DEVICES)
def devices_change(request: ConsoleRequest) -> HttpResponse:
    """Say what an action would do to the chosen devices, and do it to all of them at once."""
    data = request.POST if request.method == "POST" else request.GET
    action, chosen = data.get("action", ""), chosen_devices(request.customer, data.getlist("device"))
    if not chosen or action not in DeviceAction.ACTIONS:
        messages.error(request, _("Choose devices in the list, and then what to do with them."))
        return redirect("devices", domain=request.customer.primary_domain)
    tree = tree_of(request.customer)
    form = DeviceAction(request.POST if request.method == "POST" else None, action=action, chosen=chosen, tree=tree)
    if form.is_valid():
        with shown_on(form):
            done = _apply(request, action, chosen, form.cleaned_data)
            messages.success(request, done)
            return _back(request, chosen, removed=action == DeviceAction.REMOVE)
    rows = [(device, place(tree, device.org_unit_id, request.customer)) for device in chosen]
    context = {"form": form, "action": action, "rows": rows, "total": len(rows)}
    return render(request, "console/devices_change.html", context, status=422 if form.errors else 200)


def _apply(request: ConsoleRequest, action: str, chosen: list[Device], beside: Mapping[str, Any]) -> str:
    """Do what was chosen, and say to how many devices. beside: what the form of that action asks. Raises Refused."""
    actor, customer, ids = Actor.of(request), request.customer, [device.pk for device in chosen]
    if action == DeviceAction.MOVE:
        number = len(verbs.move_devices(actor=actor, customer=customer, devices=ids, **beside))
        text = ngettext("%(number)s device was moved.", "%(number)s devices were moved.", number)
    elif action == DeviceAction.APPROVE:
        number = len(verbs.approve_devices(actor=actor, customer=customer, devices=ids))
        text = ngettext("%(number)s device was approved.", "%(number)s devices were approved.", number)
    elif action == DeviceAction.BLOCK:
        number = len(verbs.block_devices(actor=actor, customer=customer, devices=ids))
        text = ngettext("%(number)s device was blocked.", "%(number)s devices were blocked.", number)
    else:
        number = len(verbs.remove_devices(actor=actor, customer=customer, devices=ids, **beside))
        text = ngettext("%(number)s device was removed.", "%(number)s devices were removed.", number)
    return text % {"number": number}


def _back(request: ConsoleRequest, chosen: list[Device], *, removed: bool) -> HttpResponse:
    """Lead to the only device that was changed, or to the list."""
    domain = request.customer.primary_domain
    if len(chosen) == 1 and not removed:
        return redirect("device", domain=domain, device_id=chosen[0].pk)
    return redirect("devices", domain=domain)
