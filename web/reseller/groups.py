"""A reseller's groups of customers and its tags: the list, one of them, and what its admins change about them (P4)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.domains import typed_domain
from accounts.ids import ids_in
from accounts.names import isolated
from accounts.roles import Role
from subscriptions import customer_groups
from subscriptions.access.grouped import group_of, groups_of, members_of, with_numbers
from subscriptions.access.scope import access_relation, relations_of
from subscriptions.models import CustomerGroup
from subscriptions.models.customer_group import GroupKind
from web.guards import reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.customer_forms import RuleForm
from web.unsaved import comes_back

_BETWEEN = re.compile(r"[\s,;]+")
# Domains that one pasted list may have, and of those that were not found, how many are named.
DOMAINS_AT_MOST, NAMED = 5_000, 10


class NameForm(forms.Form):
    """The name of a group or a tag."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=customer_groups.NAME_MAX_LENGTH)


class NewGroupForm(NameForm):
    """A new group or tag."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=[
            (GroupKind.GROUP, gettext_lazy("Group: a list of customers to work with")),
            (GroupKind.TAG, gettext_lazy("Tag: its name stands on each of its customers")),
        ],
        initial=GroupKind.GROUP,
        widget=forms.RadioSelect,
    )


class DomainsForm(forms.Form):
    """Customers to add, by their domains."""

    domains = forms.CharField(
        label=gettext_lazy("Primary domains"),
        help_text=gettext_lazy("Separated by spaces, commas, semicolons or lines."),
        max_length=DOMAINS_AT_MOST * 60,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean_domains(self) -> list[str]:
        typed = [part for part in _BETWEEN.split(self.cleaned_data["domains"]) if part]
        if len(typed) > DOMAINS_AT_MOST:
            raise forms.ValidationError(_("At most %(number)s domains at once.") % {"number": DOMAINS_AT_MOST})
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_groups(request: ResellerRequest) -> HttpResponse:
    """List the groups and tags of this reseller, 50 a page, and make one."""
    form = NewGroupForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            kind, name = GroupKind(form.cleaned_data["kind"]), form.cleaned_data["name"]
            made = customer_groups.create_group(
                actor=Actor.of(request), reseller=request.reseller, kind=kind, name=name
            )
            messages.success(request, _("%(group)s was created.") % {"group": isolated(made.name)})
            return redirect("reseller_group", group_id=made.pk)
    page = page_of(request, with_numbers(groups_of(request.user)), "groups of customers", by="name")
    context = {"form": form, "groups": page.rows, "pager": page.pager}
    return render(request, "reseller/groups.html", context, status=422 if form.errors else 200)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_group(request: ResellerRequest, group_id: int) -> HttpResponse:
    """Show a group or a tag with its customers, 50 a page."""
    return _page(request, group_of(request.user, group_id))


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_group_rename(request: ResellerRequest, group_id: int) -> HttpResponse:
    """Give a group or a tag another name."""
    group, form = group_of(request.user, group_id), NameForm(request.POST)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            customer_groups.rename_group(actor=Actor.of(request), group=group, name=form.cleaned_data["name"])
            messages.success(request, _("The name was saved."))
    if request.method == "POST" and form.errors:
        return _page(request, group, rename=form)
    return redirect("reseller_group", group_id=group_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_group_delete(request: ResellerRequest, group_id: int) -> HttpResponse:
    """Delete a group or a tag."""
    group = group_of(request.user, group_id)
    with told(request):
        customer_groups.delete_group(actor=Actor.of(request), group=group)
        messages.success(request, _("%(group)s was deleted.") % {"group": isolated(group.name)})
    return redirect("reseller_groups")


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_group_add(request: ResellerRequest, group_id: int) -> HttpResponse:
    """Add customers by their domains; those that are none of this reseller's customers are named."""
    group, form = group_of(request.user, group_id), DomainsForm(request.POST)
    if request.method != "POST":
        return redirect("reseller_group", group_id=group_id)
    if form.is_valid():
        typed = [(typed_domain(text), text) for text in form.cleaned_data["domains"]]
        relations = relations_of(request.user).filter(customer_domain__in=[domain for domain, _text in typed if domain])
        found = dict(relations.values_list("customer_domain", "customer_id"))
        with shown_on(form):
            number = customer_groups.add_customers(actor=Actor.of(request), group=group, customers=found.values())
            if found:
                messages.success(request, _added(number))
            strangers = list(dict.fromkeys(text for domain, text in typed if domain not in found))
            if not strangers:
                return redirect("reseller_group", group_id=group_id)
            form = _strangers(strangers)
    return _page(request, group, add=form)


def _strangers(typed: list[str]) -> DomainsForm:
    """Return the form with what is no customer's domain, to be corrected; it names as many as one message takes."""
    form = DomainsForm({"domains": "\n".join(typed)})
    text = ngettext(
        "%(number)s is not the primary domain of a customer of yours: %(domains)s.",
        "%(number)s are not primary domains of customers of yours: %(domains)s.",
        len(typed),
    )
    shown = ", ".join(typed[:NAMED]) + ("…" if len(typed) > NAMED else "")
    form.add_error("domains", text % {"number": len(typed), "domains": shown})
    return form


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_group_remove(request: ResellerRequest, group_id: int) -> HttpResponse:
    """Take the chosen customers out of a group, or the tag from them."""
    group = group_of(request.user, group_id)
    chosen = ids_in(request.POST.getlist("customer"))
    if not chosen:
        messages.warning(request, _("Choose at least one customer."))
    with told(request):
        number = customer_groups.remove_customers(actor=Actor.of(request), group=group, customers=chosen)
        if chosen:
            text = ngettext("%(number)s customer was removed.", "%(number)s customers were removed.", number)
            messages.success(request, text % {"number": number})
    return redirect("reseller_group", group_id=group_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_group_fill(request: ResellerRequest, group_id: int) -> HttpResponse:
    """Find customers by a rule, show whom it would add, and add them when that is pressed."""
    group, data = group_of(request.user, group_id), request.POST if request.method == "POST" else request.GET
    form = RuleForm(data or None, agent=request.user)
    found = None
    if form.is_bound and form.is_valid():
        if request.method == "POST":
            with shown_on(form):
                seen = request.POST.get("seen", "")
                number = customer_groups.fill_group(actor=Actor.of(request), group=group, rule=form.rule, seen=seen)
                messages.success(request, _added(number))
                return redirect("reseller_group", group_id=group_id)
        found = customer_groups.candidates(request.user, group, form.rule)
    context = {"group": group, "form": form, "found": found, "sent": form.used if form.is_bound else {}}
    return render(request, "reseller/group_fill.html", context, status=422 if form.errors else 200)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_customer_tags(request: ResellerRequest, domain: str) -> HttpResponse:
    """Give a customer the chosen tags, and take the others from it."""
    relation = access_relation(request.user, domain)
    with told(request):
        tags = ids_in(request.POST.getlist("tags"))
        if customer_groups.change_tags(actor=Actor.of(request), relation=relation, tags=tags):
            messages.success(request, _("The tags were saved."))
        else:
            messages.info(request, _("Nothing was changed: the tags were so already."))
    return redirect("reseller_customer", domain=domain)


def _added(number: int) -> str:
    text = ngettext("%(number)s customer was added.", "%(number)s customers were added.", number)
    return text % {"number": number}


def _page(
    request: ResellerRequest,
    group: CustomerGroup,
    *,
    rename: NameForm | None = None,
    add: DomainsForm | None = None,
) -> HttpResponse:
    """Return the page of a group; rename, add: what was typed into its forms and refused."""
    members = relations_of(request.user).filter(members_of(group))
    page = page_of(request, members, "customers of a group", by="customer_sort_name")
    context: dict[str, Any] = {
        "group": group,
        "form": rename or NameForm(initial={"name": group.name}),
        "add_form": add or DomainsForm(),
        "members": page.rows,
        "pager": page.pager,
        "total": members.count(),
    }
    return render(request, "reseller/group.html", context, status=422 if rename or add else 200)
