"""A reseller's admin adds a customer, with the person who decides there from then on (P4, P7)."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_reseller
from accounts.directory.addresses import clean_managed_address
from accounts.directory.people import create_user
from accounts.domain_holders import holders_around
from accounts.domains import shown_domain
from accounts.errors import Refused
from accounts.mail import post
from accounts.mail.mails import DOMAIN_IN_USE
from accounts.models import AuditEvent, Customer, Reseller, User
from accounts.names import readable
from accounts.organisations import claim_domain, clean_name, write_customer
from accounts.roles import ALL_CUSTOMERS_ROLES, Role

POSTAL_ADDRESS_MAX_LENGTH = 500
# How often the vendor's operators are told about the same domain.
_TELL_AGAIN_AFTER = timedelta(days=1)
# What people write into a telephone number, with an extension ("x12").
_PHONE = re.compile(r"\+?[0-9 ()./x-]{3,40}", re.ASCII)


@transaction.atomic
def found_customer(
    *,
    actor: Actor,
    name: str,
    primary_domain: str,
    postal_address: str,
    phone_number: str,
    admin_name: str,
    admin_email: str,
) -> Customer:
    """Create a customer and its first super admin, who sets a password by a link; a reseller never knows one (R14).

    Raises Refused where the domain or the address is someone's, without telling whose; PermissionDenied for anybody
    but the people of an active reseller who may add customers.
    """
    customer = found_without_people(
        actor=actor,
        name=name,
        primary_domain=primary_domain,
        postal_address=postal_address,
        phone_number=phone_number,
    )
    try:
        _create_first_admin(actor, customer, name=admin_name, email=admin_email)
    except Refused as refused:
        raise Refused(
            refused.message,
            {"name": "admin_name", "email": "admin_email"}.get(refused.field, ""),
            reason=refused.reason,
        ) from refused
    return customer


@transaction.atomic
def found_without_people(
    *, actor: Actor, name: str, primary_domain: str, postal_address: str = "", phone_number: str = ""
) -> Customer:
    """Create a customer in which nobody is yet: the reseller's admins make its first super admin, and no other (R14).

    P7 counts from that one on. Raises what found_customer() raises.
    """
    reseller = reseller_adding_customers(actor)
    name = clean_name(name)
    domain = claim_domain(primary_domain)
    return write_customer(
        actor=actor,
        name=name,
        domain=domain,
        postal_address=clean_postal_address(postal_address),
        phone_number=clean_phone_number(phone_number),
        registered_by=reseller,
    )


def _create_first_admin(actor: Actor, customer: Customer, *, name: str, email: str) -> None:
    domain = customer.primary_domain
    if clean_managed_address(email).rpartition("@")[2] != domain:
        text = _("The first super admin needs an address at %(domain)s.")
        raise Refused(text % {"domain": shown_domain(domain)}, "email")
    roles = [Role.SUPER_ADMIN]
    create_user(actor=actor, organisation=customer, email=email, name=name, roles=roles, invite=True)


def reseller_adding_customers(actor: Actor) -> Reseller:
    """Return the active reseller for which this person may add and edit customers, as the database knows it now (P4).

    Raises PermissionDenied.
    """
    return authorise_reseller(actor, ALL_CUSTOMERS_ROLES)


def may_add_customers(person: User) -> bool:
    """Tell whether this person's role is to add and edit customers: which buttons a page has (P4)."""
    return person.reseller_id is not None and bool(person.roles & ALL_CUSTOMERS_ROLES)


def clean_postal_address(text: str) -> str:
    """Return an address line by line, without surplus spaces. Raises Refused for one that is too long."""
    lines = map(readable, text.splitlines())
    cleaned = "\n".join(filter(None, lines))
    if len(cleaned) > POSTAL_ADDRESS_MAX_LENGTH:
        text = _("Use at most %(number)s characters.") % {"number": POSTAL_ADDRESS_MAX_LENGTH}
        raise Refused(text, "postal_address")
    return cleaned


def clean_phone_number(text: str) -> str:
    """Return a telephone number without surplus spaces; it may be empty. Raises Refused for anything else."""
    cleaned = " ".join(text.split())
    if cleaned and not _PHONE.fullmatch(cleaned):
        raise Refused(_("Write a telephone number such as +49 40 123456."), "phone_number")
    return cleaned


@transaction.atomic
def report_domain_in_use(*, actor: Actor, domain: str) -> None:
    """Tell the vendor's operators who holds a domain that a reseller could not add: they decide (P9).

    In the system's name, so that nothing of it stands among the deeds that the reseller sees (A4). domain: canonical.
    """
    reseller = reseller_adding_customers(actor)
    told = AuditEvent.objects.filter(name=EventName.DOMAIN_IN_USE, subject=domain, at__gt=Now() - _TELL_AGAIN_AFTER)
    if told.exists():
        return
    new = {"reseller": reseller.name, "agent": actor.user.email, "holders": holders_around(domain)}
    event = record_audit(EventName.DOMAIN_IN_USE, actor=None, customer=None, subject=domain, new=new)
    operators = User.objects.filter(is_active=True, is_vendor=True, role_assignments__role=Role.VENDOR_OPERATOR)
    post.queue(DOMAIN_IN_USE, operators, about_id=event.pk, once=True)
