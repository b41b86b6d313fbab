"""One person, by their whole address: what an operator may do for them; and the vendor's own people (P5, P11).

There is no list of anybody else's people, and no name: an operator acts for a person who was named to them.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.directory import invitations, passwords, people
from accounts.directory.addresses import person_at
from accounts.directory.rules import organisation_of
from accounts.domains import shown_email
from accounts.models import User
from accounts.organisations import VENDOR
from accounts.roles import Role
from web import shown_once
from web.guards import vendor_page
from web.refusals import shown_on, told
from web.requests import SignedInRequest
from web.unsaved import comes_back
from web.vendor.forms import AddressForm, NewPersonForm, RolesForm
from web.vendor.places import OF_VENDOR, organisation_at, page_of, place_of


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_person(request: SignedInRequest) -> HttpResponse:
    """Find a person by their whole address, and show what can be done for them."""
    form = AddressForm(request.GET or None)
    person = None
    if form.is_bound and form.is_valid():
        person = person_at(form.cleaned_data["email"])
        if person is None:
            form.add_error("email", _("Nobody has this address."))
    return _person_page(request, form, person)


def _person_page(
    request: SignedInRequest, form: AddressForm, person: User | None, roles: RolesForm | None = None
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "person": person, "prompt": roles is None}
    if person is not None:
        organisation = organisation_of(person)
        awaits = invitations.awaits_password(person)
        context |= {
            "organisation_name": person.organisation_name,
            "organisation_url": page_of(organisation),
            "is_oneself": person.pk == request.user.pk,
            "awaits_password": awaits,
            "invitation": invitations.last_invitation(person) if awaits else None,
            "roles_form": roles or RolesForm(organisation=organisation, initial={"roles": sorted(person.roles)}),
        }
    has_errors = bool(form.errors) or (roles is not None and bool(roles.errors))
    return render(request, "vendor/person.html", context, status=422 if has_errors else 200)


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_person_roles(request: SignedInRequest) -> HttpResponse:
    """Give and take roles as the boxes say."""
    if request.method != "POST":
        return redirect("operations_person")
    person = _named(request)
    form = RolesForm(request.POST, organisation=organisation_of(person))
    if form.is_valid():
        with shown_on(form):
            people.change_roles(actor=Actor.of(request), person=person, roles=frozenset(form.cleaned_data["roles"]))
            messages.success(request, _("The roles of %(email)s were saved.") % {"email": shown_email(person.email)})
            return redirect(_url_of(person))
    return _person_page(request, AddressForm({"email": person.email}), person, form)


def _button(verb: Callable[..., object], done: Promise) -> Callable[..., HttpResponseBase]:
    """Return the page that a button posts to, which does one thing for a person and then says what was done."""

    @require_POST
    @vendor_page(Role.VENDOR_OPERATOR)
    def page(request: SignedInRequest) -> HttpResponse:
        person = _named(request)
        with told(request):
            verb(actor=Actor.of(request), person=person)
            messages.success(request, done % {"email": shown_email(person.email)})
        return redirect(_url_of(person))

    return page


operations_person_invite = _button(invitations.invite_user, gettext_lazy("The invitation for %(email)s is on its way."))
operations_person_suspend = _button(
    people.suspend_user, gettext_lazy("%(email)s is suspended and signed out everywhere.")
)
operations_person_restore = _button(people.unsuspend_user, gettext_lazy("%(email)s can sign in again."))


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_person_link(request: SignedInRequest) -> HttpResponse:
    """Make a link for a new password, for a person whom no mail reaches; the GET it leads to shows that once."""
    url = reverse("operations_person_link")
    if request.method != "POST":
        context = {"shown": shown_once.shown(request), "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
        return render(request, "vendor/person_link.html", context)
    person = _named(request)
    with told(request):
        link = passwords.make_password_link(actor=Actor.of(request), person=person)
        return shown_once.show(request, url, {"link": link, "email": shown_email(person.email)})
    return redirect(_url_of(person))


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_person_new(request: SignedInRequest, kind: str, organisation_id: int) -> HttpResponse:
    """Invite a person to an organisation, such as its first admin, or to the vendor."""
    organisation = organisation_at(kind, organisation_id)
    form = NewPersonForm(request.POST if request.method == "POST" else None, organisation=organisation)
    if form.is_valid():
        with shown_on(form):
            person = people.create_user(
                actor=Actor.of(request), organisation=organisation, invite=True, **form.cleaned_data
            )
            messages.success(
                request, _("The invitation for %(email)s is on its way.") % {"email": shown_email(person.email)}
            )
            return redirect(page_of(organisation))
    context = {
        "form": form,
        "is_vendor": organisation is VENDOR,
        "organisation_name": settings.VENDOR_NAME if organisation is VENDOR else organisation.name,
        "organisation_url": page_of(organisation),
    }
    return render(request, "vendor/person_new.html", context, status=422 if form.errors else 200)


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_staff(request: SignedInRequest) -> HttpResponse:
    """List the vendor's own people with their roles."""
    found = User.objects.filter(is_vendor=True, purged_at=None, deleted_at=None).order_by("sort_name", "pk")
    context = {
        "people": [(person, _url_of(person)) for person in found.prefetch_related("role_assignments")],
        "new_url": reverse("operations_person_new", args=place_of(VENDOR)),
        "of_vendor": OF_VENDOR,
    }
    return render(request, "vendor/staff.html", context)


def _named(request: SignedInRequest) -> User:
    """Return the person whose address a form has brought along; 404 for nobody: no number leads to a person."""
    person = person_at(request.POST.get("of", ""))
    if person is None:
        raise Http404
    return person


def _url_of(person: User) -> str:
    return f"{reverse('operations_person')}?{urlencode({'email': person.email})}"
