"""What an admin, or an agent, changes about one person of the directory: one verb for each button."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.directory import deleting, invitations, passwords, people, renaming
from accounts.directory.addresses import deleted_person_at
from accounts.directory.rules import may_change
from accounts.directory.scope import person_in_console
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import User
from accounts.names import isolated
from accounts.permissions import Permission
from subscriptions import leaving
from web import shown_once
from web.console.forms.people import INVITED, TEMPORARY, AliasForm, EditPersonForm, NewPersonForm, PersonForm
from web.guards import console_page
from web.refusals import shown_on, told
from web.requests import ConsoleRequest


@sensitive_variables("password")
@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_USERS)
def user_new(request: ConsoleRequest) -> HttpResponse:
    """Create a person, with a temporary password that the next page shows, or with none."""
    data = request.POST if request.method == "POST" else None
    form = NewPersonForm(data, customer=request.customer, tree=tree_of(request.customer))
    if data is None or not form.is_valid():
        return _form_page(request, form)
    asked = form.cleaned_data
    password = passwords.temporary_password() if asked["password"] == TEMPORARY else None
    try:
        person = people.create_user(
            actor=Actor.of(request),
            organisation=request.customer,
            email=asked["email"],
            name=form.parts(),
            org_unit=asked["org_unit"],
            password=password,
            must_change_password=password is not None,
            invite=asked["password"] == INVITED,
        )
    except Refused as refused:
        deleted = deleted_person_at(asked["email"], request.customer) if refused.field == "email" else None
        lately = _("A user with this address was deleted a short time ago. Restore this user, or use another address.")
        form.add_error(refused.field or None, lately if deleted else refused.message)
        return _form_page(request, form, deleted=deleted)
    if password is not None:
        return _show_once(request, person, password, is_new=True)
    if asked["password"] == INVITED:
        done = _("%(person)s was created, and an invitation is on its way.")
    else:
        done = _("%(person)s was created, without a password so far.")
    messages.success(request, done % {"person": isolated(person.name)})
    return redirect("user", domain=request.customer.primary_domain, user_id=person.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_USERS)
def user_edit(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Change the name, the address and the unit of a person: all of it, or nothing where one is refused."""
    person = _changeable(request, user_id)
    data = request.POST if request.method == "POST" else None
    form = EditPersonForm.of(person, data, customer=request.customer, tree=tree_of(request.customer))
    if data is None or not form.is_valid():
        return _form_page(request, form, person)
    asked = form.cleaned_data
    with shown_on(form), transaction.atomic():
        actor = Actor.of(request)
        people.change_user(actor=actor, person=person, name=form.parts())
        renaming.rename_user(actor=actor, person=person, email=asked["email"])
        people.move_to_org_unit(actor=actor, person=person, org_unit=asked["org_unit"])
    if form.errors:
        return _form_page(request, form, person)
    messages.success(request, _("%(person)s was saved.") % {"person": isolated(form.parts().name)})
    return redirect("user", domain=request.customer.primary_domain, user_id=user_id)


def _changeable(request: ConsoleRequest, user_id: int) -> User:
    """Return a person of this customer whom the viewer may change; 404 for any other, 403 for an admin (P3)."""
    person = person_in_console(request.customer, request.permissions, user_id)
    if not may_change(request.user, person):
        raise PermissionDenied(_("This user holds an admin role. Only a super admin may change it."))
    return person


def _form_page(
    request: ConsoleRequest, form: PersonForm, person: User | None = None, *, deleted: User | None = None
) -> HttpResponse:
    context = {"form": form, "person": person, "deleted": deleted}
    return render(request, "console/user_form.html", context, status=422 if form.errors else 200)


def _button(verb: Callable[..., object], done: Promise) -> Callable[..., HttpResponseBase]:
    """Return the page that a button posts to, which does one thing to a person and then says what was done."""

    @require_POST
    @console_page(Permission.MANAGE_USERS)
    def page(request: ConsoleRequest, user_id: int) -> HttpResponse:
        return _change(request, user_id, verb, done)

    return page


# P11: a link to choose a password, for a person who has none yet, also again.
user_invite = _button(invitations.invite_user, _("The invitation for %(person)s is on its way."))
user_suspend = _button(people.suspend_user, _("%(person)s is suspended and signed out everywhere."))
user_restore = _button(people.unsuspend_user, _("%(person)s can sign in again."))
user_delete = _button(
    leaving.delete_user_with_licences, _("%(person)s is deleted. Within 20 days you can restore this user here.")
)
user_undelete = _button(
    deleting.undelete_user,
    _("%(person)s is back. Assign licences and admin roles again where they are needed."),
)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_USERS)
def user_add_alias(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Give a person one more address."""
    person = _changeable(request, user_id)
    form = AliasForm(request.POST if request.method == "POST" else None, customer=request.customer)
    if form.is_valid():
        with shown_on(form):
            alias = renaming.add_alias(actor=Actor.of(request), person=person, email=form.cleaned_data["email"])
            messages.success(request, _("%(alias)s was added.") % {"alias": alias})
            return redirect("user", domain=request.customer.primary_domain, user_id=user_id)
    context = {"form": form, "person": person}
    return render(request, "console/user_alias.html", context, status=422 if form.errors else 200)


@require_POST
@console_page(Permission.MANAGE_USERS)
def user_remove_alias(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Take an alias from a person."""
    alias = request.POST.get("alias", "")

    def remove(*, actor: Actor, person: User) -> None:
        renaming.remove_alias(actor=actor, person=person, email=alias)

    return _change(request, user_id, remove, _("The alias was removed. Another person can have the address now."))


def _change(request: ConsoleRequest, user_id: int, verb: Callable[..., object], done: str | Promise) -> HttpResponse:
    person = person_in_console(request.customer, request.permissions, user_id)
    with told(request):
        verb(actor=Actor.of(request), person=person)
        messages.success(request, done % {"person": isolated(person.name)})
    return redirect("user", domain=request.customer.primary_domain, user_id=user_id)


@sensitive_variables("password")
@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.RESET_PASSWORDS)
def user_reset_password(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Replace a person's password by a temporary one (P3, R14); the GET it leads to shows that once."""
    person = person_in_console(request.customer, request.permissions, user_id)
    if request.method != "POST":
        context = {"person": person, "shown": shown_once.shown(request)}
        return render(request, "console/user_password.html", context)
    with told(request):
        return _show_once(request, person, passwords.reset_password(actor=Actor.of(request), person=person))
    return redirect("user", domain=request.customer.primary_domain, user_id=user_id)


@sensitive_variables("password")
def _show_once(request: ConsoleRequest, person: User, password: str, *, is_new: bool = False) -> HttpResponse:
    url = reverse("user_reset_password", args=[request.customer.primary_domain, person.pk])
    return shown_once.show(request, url, {"password": password, "is_new": is_new})
