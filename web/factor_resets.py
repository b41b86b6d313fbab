"""Cancelling the reset of a lost second factor, as each page that shows one does it (P12)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from accounts.sign_in.lost_factor import cancel_reset
from web.refusals import told


def cancel(request: HttpRequest, person: User | None) -> None:
    """Cancel the reset that waits for a person, and say so. None: the person of one that waits no more."""
    with told(request):
        if person is not None and cancel_reset(actor=Actor.of(request), person=person):
            messages.success(request, _("Cancelled. The second factor stays as it is."))
        else:
            messages.info(request, _("Nothing was changed: no reset waits any more."))
