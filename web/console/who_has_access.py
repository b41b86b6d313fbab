"""Account settings › *Explain access*: may this person do that here, and why (R24)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.authorisation import explain
from accounts.domains import TYPED_MAX_LENGTH, canonical_email
from accounts.permissions import Permission
from subscriptions.access.relation_status import known_person
from web.console.permission_words import DEEDS
from web.guards import console_page
from web.lists.filters import FilterForm
from web.requests import ConsoleRequest


class WhoForm(FilterForm):
    """A person, and what they might do."""

    person = forms.CharField(label=_("E-mail address"), max_length=TYPED_MAX_LENGTH)
    deed = forms.ChoiceField(label=_("May they"), choices=list(DEEDS.items()))

    def clean_person(self) -> str:
        """Refuse a part of an address: it is nobody's, and *No* would be no answer."""
        return canonical_email(self.cleaned_data["person"])


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
def who_has_access(request: ConsoleRequest) -> HttpResponse:
    """Answer for one person and one deed. Of strangers it says the same as of addresses that nobody has."""
    form = WhoForm(request.GET if "person" in request.GET else None)
    context: dict[str, Any] = {"form": form, "person": None, "why": None, "asked": False}
    if form.is_bound and form.is_valid():
        person = known_person(request.customer, form.cleaned_data["person"])
        why = explain(person, Permission(form.cleaned_data["deed"]), request.customer) if person else None
        context |= {"person": person, "why": why, "asked": True, "deed": DEEDS[Permission(form.cleaned_data["deed"])]}
    return render(request, "console/who_has_access.html", context)
