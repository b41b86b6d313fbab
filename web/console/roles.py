"""Admin roles: what each may do, who holds it, and giving and taking it (P3, P7)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.directory import people
from accounts.directory.addresses import person_at
from accounts.directory.closed_roles import closed_roles
from accounts.directory.scope import holders_counted, holders_in_console, person_in_console
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, Role
from web.console.forms.people import AddressForm, RolesForm
from web.console.role_words import DESCRIPTIONS
from web.console.two_people import waits
from web.guards import console_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ConsoleRequest
from web.unsaved import comes_back


@require_safe
@console_page(Permission.VIEW_ROLES)
def admin_roles(request: ConsoleRequest) -> HttpResponse:
    """Show every role, what it lets a person do, and how many hold it."""
    counted = holders_counted(request.customer, request.permissions)
    rows = [(role, DESCRIPTIONS[role], number) for role, number in counted.items()]
    return render(request, "console/roles.html", {"rows": rows})


@require_safe
@console_page(Permission.VIEW_ROLES)
def admin_role(request: ConsoleRequest, role: str) -> HttpResponse:
    """Show who holds a role, 50 a page."""
    return _role_page(request, _role(role), AddressForm(customer=request.customer))


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_ROLES)
def admin_role_assign(request: ConsoleRequest, role: str) -> HttpResponse:
    """Give a role to a person of the directory, named by an address."""
    wanted, form = _role(role), AddressForm(request.POST, customer=request.customer)
    if request.method != "POST":
        return redirect("admin_role", domain=request.customer.primary_domain, role=wanted.value)
    if form.is_valid():
        person = person_at(form.cleaned_data["email"], request.customer)
        if person is None:
            form.add_error("email", _("Nobody in your organisation has this e-mail address. Create the user first."))
        else:
            with shown_on(form):
                proposal = people.assign_role(actor=Actor.of(request), person=person, role=wanted)
                if proposal:
                    return waits(request, proposal)
                words = {"person": isolated(person.name), "role": wanted.label}
                messages.success(request, _("%(person)s holds the role %(role)s.") % words)
                return redirect("admin_role", domain=request.customer.primary_domain, role=wanted.value)
    return _role_page(request, wanted, form)


@require_POST
@console_page(Permission.ASSIGN_ROLES)
def admin_role_unassign(request: ConsoleRequest, role: str, user_id: int) -> HttpResponse:
    """Take a role from a person; never from the last active super admin (P7)."""
    taken, person = _role(role), person_in_console(request.customer, request.permissions, user_id)
    with told(request):
        people.unassign_role(actor=Actor.of(request), person=person, role=taken)
        words = {"person": isolated(person.name), "role": taken.label}
        messages.success(request, _("%(person)s does not hold the role %(role)s any more.") % words)
    return redirect("admin_role", domain=request.customer.primary_domain, role=taken.value)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_ROLES)
def user_roles(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Give and take the roles of one person, as its boxes say."""
    person = person_in_console(request.customer, request.permissions, user_id)
    form = RolesForm.of(person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        with shown_on(form, "roles"):
            roles = form.cleaned_data["roles"]
            proposal = people.change_roles(actor=Actor.of(request), person=person, roles=roles)
            messages.success(
                request, _("The admin roles of %(person)s were saved.") % {"person": isolated(person.name)}
            )
            if proposal:
                return waits(request, proposal)
            return redirect("user", domain=request.customer.primary_domain, user_id=person.pk)
    context = {"person": person, "form": form}
    return render(request, "console/user_roles.html", context, status=422 if form.errors else 200)


def _role(text: str) -> Role:
    """Return a role of customers by its value in the address; 404 for any other text."""
    if text not in CUSTOMER_ROLES:
        raise Http404
    return Role(text)


def _role_page(request: ConsoleRequest, role: Role, form: AddressForm) -> HttpResponse:
    holders = holders_in_console(request.customer, request.permissions, role)
    found = page_of(request, holders, f"holders of {role}", by="sort_name")
    context = {
        "role": role,
        "description": DESCRIPTIONS[role],
        "closed": closed_roles(request.customer).get(role),
        "form": form,
        "people": found.rows,
        "pager": found.pager,
        "may_assign": Permission.ASSIGN_ROLES in request.permissions,
    }
    return render(request, "console/role.html", context, status=422 if form.errors else 200)
