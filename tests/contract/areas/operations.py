"""The operators' console (P5): for vendor operators alone; vendor support is denied, others find nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.core import signing
from django.db.models import Model
from django.db.models.functions import Now

from accounts.audit import EventName, event, record_many
from accounts.models import (
    Address,
    AuditEvent,
    Customer,
    Domain,
    Job,
    Kept,
    Mail,
    OrgUnit,
    Reseller,
    RoleAssignment,
    User,
)
from accounts.models.jobs import JobKind, JobStatus
from accounts.models.mail import DropReason
from accounts.organisations import VENDOR
from accounts.own_domains.deciding import verify_domain
from accounts.roles import Role
from subscriptions.billing import Details, add_payment_account
from subscriptions.models import PaymentAccount
from subscriptions.models.order import PaymentKind
from support.models import CareMigration
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import MANY, OPERATOR, List
from tests.contract.world import Tenant, World
from tests.factories import make_customer, make_person, make_reseller
from tests.rate_limits import reach_limit

_PAGES = """
GET  operations_home
GET  operations_organisations
GET  operations_organisation
GET  operations_organisation_new
POST operations_organisation_new
POST operations_reseller_suspend
POST operations_reseller_restore
GET  operations_person_new
POST operations_person_new
GET  operations_domain_verify
POST operations_domain_verify
GET  operations_domain_settle
POST operations_domain_settle
GET  operations_payment_add
POST operations_payment_add
POST operations_payment_remove
GET  operations_care_day
POST operations_care_day
GET  operations_domains
POST operations_domains
GET  operations_person
POST operations_person_invite
POST operations_person_suspend
POST operations_person_restore
GET  operations_person_roles
POST operations_person_roles
GET  operations_person_link
POST operations_person_link
GET  operations_explain
GET  operations_staff
GET  operations_queues
POST operations_queue_look
POST operations_job_stop
POST operations_mails_retry
GET  operations_audit
GET  operations_limits
POST operations_limit_lift
GET  operations_health
"""
# One rule for all of them; what only asks others to look has no effect of its own.
_WHO = "AAAAAAAL AAAAAAA AAAAL  AA     AA     {}D     AAAAAAA AAAAAAA AA      L"
_ASKS = ("POST operations_domains", "POST operations_queue_look")
TABLE = "\n".join(f"{line:<42} {_WHO.format('N' if line in _ASKS else 'O')}" for line in _PAGES.split("\n") if line)


def furnish(tenant: Tenant) -> None:
    """For each tenant what its forms are about: two resellers, two people, a domain, a job, a mail, an account."""
    customer, domain = tenant.customer, tenant.domain
    reseller = make_reseller(f"Spare {tenant.reseller.name}", f"spare-{tenant.reseller.primary_domain}")
    halted = make_reseller(f"Halted {tenant.reseller.name}", f"halted-{tenant.reseller.primary_domain}")
    Reseller.objects.filter(pk=halted.pk).update(suspended_at=Now())
    person = make_person(customer, Role.AUDITOR, email=f"operated@{domain}", name="Operated")
    suspended = make_person(customer, Role.AUDITOR, email=f"operated-suspended@{domain}", name="Operated Suspended")
    User.objects.filter(pk=suspended.pk).update(is_active=False, suspended_at=Now())
    contested = verify_domain(actor=None, organisation=customer, name=f"contested-{domain}", reason="A contract")
    Domain.objects.filter(pk=contested.pk).update(contested_at=Now(), verified_at=None, verified_how="", reason="")
    details = Details(PaymentKind.BANK, customer.name, "Bank of Examples", "4321")
    account = add_payment_account(actor=None, customer=customer, details=details)
    job = Job.objects.create(
        customer=customer,
        kind=JobKind.IMPORT_USERS,
        status=JobStatus.QUEUED,
        requested_by=person,
        next_attempt_at="2099-01-01T00:00Z",
    )
    mail = Mail.objects.create(kind="password_reset", recipient=person, dropped_because=DropReason.GAVE_UP)
    tenant.rows |= {
        "spare reseller": reseller,
        "halted reseller": halted,
        "operated": person,
        "operated suspended": suspended,
        "contested domain": contested,
        "operated account": account,
        "operated job": job,
        "operated mail": mail,
    }
    tenant.arguments |= {
        "<slug:kind>": {"kind": "customer"},
        "<int:organisation_id>": {"organisation_id": customer.pk},
        "<int:account_id>": {"account_id": account.pk},
        "<slug:queue>": {"queue": "mail"},
        "operations_reseller_suspend": {"organisation_id": reseller.pk},
        "operations_reseller_restore": {"organisation_id": halted.pk},
        "operations_job_stop": {"job_id": job.pk},
    }


def new_customer(sender: Sender) -> Data:
    return {"name": "New One", "primary_domain": "new-one.example"}


def new_person(sender: Sender) -> Data:
    return {"name": "Nia New", "email": f"nia-new@{sender.world.acme.domain}", "roles": ["auditor"]}


def the(name: str) -> Callable[[Sender], list[Model]]:
    def rows(sender: Sender) -> list[Model]:
        row = sender.world.acme.rows[name]
        return [type(row).objects.get(pk=row.pk)]

    return rows


def named(name: str, **more: object) -> Callable[[Sender], Data]:
    return lambda sender: {"of": sender.world.acme.rows[name].email, **more}


def about_domain(name: str) -> Callable[[Sender], Data]:
    return lambda sender: {"name": f"{name}-{sender.world.acme.domain}", "reason": "The contract names it"}


def roles_of_the_person(sender: Sender) -> list[Model]:
    return list(RoleAssignment.objects.filter(user=sender.world.acme.rows["operated"]))


def given_up(sender: Sender) -> list[Model]:
    return list(Mail.objects.filter(dropped_because=DropReason.GAVE_UP))


def a_limit(sender: Sender) -> Data:
    """A limit that the person has reached, as the page names it."""
    person = sender.world.acme.rows["operated"]
    return {"limit": signing.dumps([reach_limit(person).key, person.pk], salt="rate limit")}


def more_organisations(world: World) -> None:
    for number in range(MANY):
        make_customer(f"Organisation {number}")


def more_collisions(world: World) -> None:
    acme = world.acme.customer
    rows = [Domain(customer=acme, name=f"c{number}.example", kind="secondary") for number in range(MANY)]
    Domain.objects.bulk_create(rows)
    Domain.objects.filter(name__in=[row.name for row in rows]).update(contested_at=Now())


def more_vendor_staff(world: World) -> None:
    for number in range(MANY):
        make_person(VENDOR, Role.VENDOR_SUPPORT, email=f"more{number}@vendor.example", name=f"More {number}")


def more_work(world: World) -> None:
    """Jobs and mails of many people."""
    for number in range(MANY):
        person = make_person(world.acme.customer, email=f"works{number}@{world.acme.domain}", name=f"Works {number}")
        for status, attempts in ((JobStatus.QUEUED, 0), (JobStatus.FAILED, 6)):
            Job.objects.create(
                customer=world.acme.customer,
                kind=JobKind.IMPORT_USERS,
                status=status,
                attempts=attempts,
                finished_at=Now() if attempts else None,
                requested_by=person,
            )
        Mail.objects.create(kind="password_reset", recipient=person, dropped_because=DropReason.GAVE_UP)


def more_limits(world: World) -> None:
    for person in User.objects.filter(customer=world.acme.customer).exclude(name="Operated")[:20]:
        reach_limit(person)


def one_limit(world: World) -> None:
    reach_limit(world.acme.rows["operated"])


def more_of_the_customer(world: World) -> None:
    """Domains, invited admins and payment accounts."""
    acme = world.acme.customer
    more_collisions(world)
    for number in range(MANY):
        name = f"Invited {number}"
        make_person(acme, Role.SUPER_ADMIN, email=f"invited{number}@{world.acme.domain}", name=name)
    for number in range(5):
        details = Details(PaymentKind.BANK, acme.name, "Bank of Examples", f"200{number}")
        add_payment_account(actor=None, customer=acme, details=details)


def more_events(world: World) -> None:
    names = [EventName.CREATE_CUSTOMER] * MANY
    record_many([event(name, actor=None, customer=world.acme.customer, subject="Acme") for name in names])


EVENTS = (AuditEvent,)
NEW_ORGANISATION = (Customer, OrgUnit, Domain, *EVENTS)
_FORM = "an empty form"
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "operations_organisation_new": Post(new_customer, adds=NEW_ORGANISATION),
        "operations_reseller_suspend": Post(changes=the("spare reseller"), adds=EVENTS),
        "operations_reseller_restore": Post(changes=the("halted reseller"), adds=EVENTS),
        "operations_person_new": Post(new_person, adds=(User, Address, RoleAssignment, Mail, *EVENTS)),
        "operations_domain_verify": Post(about_domain("decided"), adds=(Domain, *EVENTS)),
        "operations_domain_settle": Post(about_domain("contested"), the("contested domain"), EVENTS),
        "operations_payment_add": Post(
            lambda sender: {"kind": "bank", "holder": "Acme", "institution": "A bank", "last_digits": "9876"},
            adds=(PaymentAccount, *EVENTS),
        ),
        "operations_payment_remove": Post(changes=the("operated account"), adds=EVENTS),
        "operations_care_day": Post(lambda sender: {"day": "2099-05-04"}, adds=(CareMigration, *EVENTS)),
        "operations_domains": Post(),
        "operations_person_invite": Post(named("operated"), adds=(Mail, *EVENTS)),
        "operations_person_suspend": Post(named("operated"), the("operated"), EVENTS),
        "operations_person_restore": Post(named("operated suspended"), the("operated suspended"), EVENTS),
        "operations_person_roles": Post(
            named("operated", roles=["support"]), roles_of_the_person, (RoleAssignment, *EVENTS)
        ),
        "operations_person_link": Post(named("operated"), adds=(Kept, *EVENTS)),
        "operations_queue_look": Post(),
        "operations_job_stop": Post(changes=the("operated job"), adds=EVENTS),
        "operations_mails_retry": Post(changes=given_up, adds=EVENTS),
        "operations_limit_lift": Post(a_limit, adds=EVENTS),
    },
    lists=(
        List("operations_organisations", OPERATOR, more_organisations),
        List("operations_organisation", OPERATOR, more_of_the_customer),
        List("operations_domains", OPERATOR, more_collisions),
        List("operations_staff", OPERATOR, more_vendor_staff),
        List("operations_queues", OPERATOR, more_work),
        List("operations_audit", OPERATOR, more_events),
        List("operations_limits", OPERATOR, more_limits, before=one_limit),
        List("operations_home", OPERATOR, more_work),
    ),
    one_object={
        "operations_organisation_new": _FORM,
        "operations_person_new": _FORM,
        "operations_domain_verify": _FORM,
        "operations_domain_settle": _FORM,
        "operations_payment_add": _FORM,
        "operations_care_day": "leads to the customer",
        "operations_person": "one person",
        "operations_person_roles": "leads to the person",
        "operations_person_link": "one link",
        "operations_explain": "one answer",
        "operations_health": "the parts of the installation, which are no rows",
    },
    verb_modules=("accounts.rate_limits", "accounts.retrying_mails"),
    queries_in_views={
        "web/vendor/organisations.py: User": "admins without a password, of the organisation that the page is about",
        "web/vendor/home.py: Customer": "their number",
        "web/vendor/home.py: Reseller": "their number",
        "web/vendor/people.py: User": "the vendor's own people, for its operators",
        "web/vendor/limits.py: User": "those whose limits are listed, or were named",
        "web/vendor/places.py: model": "operators see every organisation (P5)",
        "web/vendor/explaining.py: Customer": "whom an operator has named",
        "web/vendor/domains.py: Domain": "none; operators see every claim (P9)",
        "web/audit/filter.py: Domain": "whose a domain is, for events that a scope has found",
    },
    no_verbs={
        "accounts.own_domains.collisions.colliding_domains": "a query set",
        "accounts.own_domains.collisions.waiting_number": "a number",
        "accounts.directory.invitations.awaiting_password": "a query set",
        "subscriptions.access.desired.fails_again": "a question",
        "accounts.rate_limits.counters_of": "a question",
        "accounts.rate_limits.full_counters": "a question",
        "accounts.rate_limits.limits_in_force": "a question",
        "accounts.retrying_mails.given_up_mails": "a query set",
    },
    unlinked={
        "operations_person_roles": "a form; GET leads back to the page",
        "operations_person_link": "sent there by the form",
        "operations_care_day": "a form; GET leads back to the page",
    },
)
