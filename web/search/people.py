"""Suggestions where an address is asked for: people, and groups, that this person may see in that place.

A form takes any address that is typed, so nothing depends on these. Where a partner's person is asked for there are
none: they are found by their exact address only (S10).
"""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.directory.finding import PersonFound, first_groups, first_people, first_staff
from accounts.directory.group_members import groups_of
from accounts.models import DirectoryGroup
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.staffing import staff_seen_by
from web.guards import console_page, reseller_page
from web.requests import ConsoleRequest, ResellerRequest, SignedInRequest, note_rows
from web.search.results import Asked

SHOWN: Final = 8


@require_safe
@console_page(Permission.VIEW_USERS)
def console_people(request: ConsoleRequest) -> HttpResponse:
    """Suggest active people of the directory; groups too, where they can be named."""
    asked = Asked.typed(request.GET.get("q", ""), SHOWN)
    customer, may = request.customer, request.permissions
    found: list[PersonFound | DirectoryGroup] = [*first_people(customer, may, asked.text, SHOWN, active=True)]
    if "groups" in request.GET and Permission.VIEW_GROUPS in may:
        found = [*first_groups(groups_of(customer), asked.text, SHOWN // 2), *found]
    return _suggested(request, found[:SHOWN])


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_people(request: ResellerRequest) -> HttpResponse:
    """Suggest active people of the reseller to its admins."""
    asked = Asked.typed(request.GET.get("q", ""), SHOWN)
    return _suggested(request, [*first_staff(staff_seen_by(request.user), asked.text, SHOWN)])


def _suggested(request: SignedInRequest, found: list[PersonFound | DirectoryGroup]) -> HttpResponse:
    note_rows(request, len(found))
    lines = [(one, isinstance(one, DirectoryGroup)) for one in found]
    return render(request, "search/suggestions.html", {"lines": lines})
