"""Licences by organisational unit, once or automatically, and the licences of one person (R3)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import keyset
from accounts.actor import Actor
from accounts.directory.tree import Tree, tree_of
from accounts.models import OrgUnit, User
from accounts.names import isolated
from accounts.permissions import Permission
from subscriptions import licence_scope, licensing, seats
from subscriptions.models import Subscription
from subscriptions.models.subscription import Status
from web.console.forms.licences import AutoLicenceForm, OrgUnitForm, UnitLicencesForm, UserLicencesForm
from web.console.licences import may_change_seats, say_assigned, say_revoked, subscription_of
from web.guards import console_page
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_LICENCES)
def licences_unit(request: ConsoleRequest, subscription_id: int) -> HttpResponse:
    """Choose a unit, see how many people that is, and assign them licences or revoke those they have."""
    subscription, tree = subscription_of(request, subscription_id), tree_of(request.customer)
    names: dict[str, Any] = {"tree": tree, "root_name": request.customer.name}
    if request.method == "POST":
        form: OrgUnitForm = UnitLicencesForm(request.POST, **names)
        if form.is_valid() and _change_unit(request, subscription, tree, form):
            return redirect(
                "subscription_licences", domain=request.customer.primary_domain, subscription_id=subscription.pk
            )
    else:
        form = OrgUnitForm(request.GET if "org_unit" in request.GET else None, **names)
    context = {
        "subscription": subscription,
        "form": form,
        "free": seats.free(subscription),
        "may_change_seats": may_change_seats(request, subscription),
    }
    if form.is_bound and "org_unit" not in form.errors:
        context |= _preview(request, subscription, tree, form.unit)
    return render(request, "console/licences_unit.html", context, status=422 if form.errors else 200)


def _change_unit(request: ConsoleRequest, subscription: Subscription, tree: Tree, form: OrgUnitForm) -> bool:
    """Assign to everybody active in a unit and below, or revoke from everybody; return whether it was done."""
    people = _people_in(request, tree, form.unit)
    active, switch = people.filter(is_active=True), form.cleaned_data["switch"]
    with shown_on(form):
        actor = Actor.of(request)
        if form.cleaned_data["action"] == "revoke":
            away = form.cleaned_data["stays_away"]
            number = licensing.revoke_licences(actor=actor, subscription=subscription, people=people, stays_away=away)
            say_revoked(request, number)
        else:
            number = licensing.assign_licences(actor=actor, subscription=subscription, people=active, switch=switch)
            say_assigned(request, number)
    return not form.errors


def _preview(request: ConsoleRequest, subscription: Subscription, tree: Tree, unit: OrgUnit) -> dict[str, Any]:
    people = _people_in(request, tree, unit)
    scope = licence_scope.licensable(request.user, request.customer, request.permissions)
    would_get = licence_scope.lacking(people.filter(is_active=True), subscription, scope)
    return {
        "unit": unit,
        "unit_name": unit.name or request.customer.name,
        "active": people.filter(is_active=True).count(),
        "would_get": would_get.count(),
        "would_switch": would_get.filter(has_other=True).count(),
        "would_lose": licence_scope.holders(people, subscription).count(),
        "has_rules": licence_scope.rules_of(subscription).exists(),
    }


def _people_in(request: ConsoleRequest, tree: Tree, unit: OrgUnit) -> QuerySet[User]:
    people = licence_scope.people_of(request.customer, request.permissions)
    return people.filter(org_unit__in=tree.below(unit.pk))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_LICENCES)
def licences_automatic(request: ConsoleRequest, subscription_id: int) -> HttpResponse:
    """Show in which units licences are assigned automatically, and turn that on and off."""
    subscription, tree = subscription_of(request, subscription_id), tree_of(request.customer)
    names: dict[str, Any] = {"tree": tree, "root_name": request.customer.name}
    form = AutoLicenceForm(request.POST if request.method == "POST" else None, **names)
    if form.is_valid():
        automatic = form.cleaned_data["automatic"]
        with shown_on(form):
            licensing.change_auto_licence(
                actor=Actor.of(request), subscription=subscription, org_unit=form.unit, automatic=automatic
            )
            on, off = _("Licences are now assigned automatically."), _("Licences are no longer assigned automatically.")
            messages.success(request, on if automatic else off)
            return redirect(request.path)
    rules = list(licence_scope.rules_of(subscription))
    context = {
        "subscription": subscription,
        "form": form,
        "rules": sorted(((tree.path(rule.org_unit_id), rule) for rule in rules), key=lambda pair: pair[0]),
        "waiting": seats.waiting_numbers([subscription.pk]).get(subscription.pk, 0),
        "free": seats.free(subscription),
        **_left_out(request, subscription),
    }
    return render(request, "console/licences_automatic.html", context, status=422 if form.errors else 200)


def _left_out(request: ConsoleRequest, subscription: Subscription) -> dict[str, Any]:
    """Return the first of those whom automatic assignment leaves out, and how many more there are."""
    people = licence_scope.people_of(request.customer, request.permissions)
    found = licence_scope.left_out_of(people, subscription)
    shown = list(found.order_by("sort_name", "pk")[: keyset.PAGE_SIZE])
    return {"left_out": shown, "more_left_out": found.count() - len(shown)}


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_LICENCES)
def user_licences(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Show and change which licences one person has, of the subscriptions in the scope."""
    person = get_object_or_404(licence_scope.people_of(request.customer, request.permissions), pk=user_id)
    scope = licence_scope.licensable(request.user, request.customer, request.permissions).exclude(
        status=Status.CANCELLED
    )
    automatic = licence_scope.automatic_for(person, scope, tree_of(request.customer))
    form = UserLicencesForm(request.POST if request.method == "POST" else None, subscriptions=scope.order_by("pk"))
    if form.is_valid():
        with shown_on(form, "subscription"):
            number = licensing.change_licences_of(
                actor=Actor.of(request),
                person=person,
                assign=form.to_assign(),
                revoke=form.to_revoke(),
                stay_away=form.to_keep_away(),
                come_back=form.to_let_back(),
            )
            say = messages.success if number else messages.info
            say(request, _("Licences saved.") if number else _("Nothing was changed."))
            _say_what_comes_back(request, form, automatic)
            return redirect(request.path)
    context = {"person": person, "form": form, "rows": _licence_rows(request, person, scope, automatic)}
    return render(request, "console/user_licences_form.html", context, status=422 if form.errors else 200)


def _say_what_comes_back(request: ConsoleRequest, form: UserLicencesForm, automatic: dict[int, str]) -> None:
    text = _("%(product)s comes back within a minute: it is assigned automatically in %(unit)s.")
    for one in form.to_revoke():
        if one.pk in automatic and one not in form.to_keep_away() and one.status == Status.ACTIVE:
            unit = automatic[one.pk]
            names = {"product": one.sku.name, "unit": isolated(request.customer.name if unit == "/" else unit)}
            messages.warning(request, text % names)


def _licence_rows(
    request: ConsoleRequest, person: User, scope: QuerySet[Subscription], automatic: dict[int, str]
) -> list[dict[str, Any]]:
    """Return the subscriptions as the page shows them, with what was ticked where something was refused."""
    held, away = licence_scope.held_by(person, scope), licence_scope.kept_away_from(person, scope)
    typed = request.POST if request.method == "POST" else None
    ticked = set(typed.getlist("subscription")) if typed is not None else set(map(str, held))
    ticked_away = set(typed.getlist("stays_away")) if typed is not None else set(map(str, away))
    return [
        {
            "subscription": one,
            "is_held": one.pk in held,
            "is_ticked": str(one.pk) in ticked,
            "unit": automatic.get(one.pk, "") if one.pk in held | away else "",
            "was_away": one.pk in away,
            "is_away": str(one.pk) in ticked_away,
        }
        for one in seats.with_use(scope).order_by("pk")
    ]
