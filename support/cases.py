"""What customers and their partners do with cases (S6, S11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import person_now
from accounts.clock import database_now
from accounts.directory.addresses import person_at, reaches
from accounts.domains import canonical_email
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, User
from accounts.organisations import clean_name
from accounts.permissions import Permission
from support.attachments import Checked, add_rows, kept
from support.case_history import lock_case, move_to, record_case_audit, record_case_event
from support.categories import find_category
from support.commenting import add_to_case
from support.due import ANSWER_WITHIN, draw_due_time
from support.models import Case, Subscriber
from support.models.case import EscalationReason, EventKind, Priority, State
from support.models.partner import Service
from support.scope import cases_visible_to, services_open_to

# S11: how long a closed case can be reopened.
REOPEN_WITHIN = timedelta(days=15)
SUBSCRIBERS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """A case as it is filed.

    subscribers: addresses besides the filer's own. contact: one more, which the case names as the one to write to.
    is_test: it is filed to try something, and no answer to it is due.
    """

    service: Service
    category: str
    title: str
    description: str
    priority: Priority
    language: str
    time_zone: str
    subscribers: tuple[str, ...] = ()
    contact: str = ""
    is_test: bool = False


def file_case(*, actor: Actor, customer: Customer, draft: Draft, files: Sequence[Checked] = ()) -> Case:
    """File a case of a customer, by its own people or on its behalf by a partner (S6).

    Raises PermissionDenied for a person who may not file cases on this service, Refused for an unknown category
    and for a subscriber who may not read the case.
    """
    with kept(files) as stored, transaction.atomic():
        lock_customer(customer)
        person = person_now(actor)
        if draft.service not in services_open_to(person, customer, Permission.FILE_CASES):
            raise PermissionDenied(_("Your role does not allow this."))
        if find_category(draft.service, draft.category) is None:
            raise Refused(_("Choose a category of this service."), "category")
        now = database_now()
        case = Case.objects.create(
            customer=customer,
            service=draft.service,
            category=draft.category,
            title=clean_name(draft.title, field="title", empty=_("Enter a title.")),
            description=draft.description,
            priority=draft.priority,
            language=draft.language,
            time_zone=draft.time_zone,
            filed_by=person,
            filed_by_reseller=person.reseller,
            due_from=now,
            due_at=None if draft.is_test else now + ANSWER_WITHIN[draft.priority],
            test_case=draft.is_test,
            contact_email=draft.contact,
        )
        named = (*draft.subscribers, draft.contact) if draft.contact else draft.subscribers
        people = {person.pk: person} | {p.pk: p for p in (_reader(case, email) for email in named)}
        if len(people) > SUBSCRIBERS_AT_MOST:
            raise Refused(_too_many(), "subscribers")
        Subscriber.objects.bulk_create(Subscriber(case=case, person=p) for p in people.values())
        said = {"service": draft.service, "priority": draft.priority}
        record_case_event(case, EventKind.FILED, EventName.CREATE_CASE, actor=actor, said=said)
        for file in add_rows(case, person, stored):
            record_case_audit(
                case, EventName.ATTACH_TO_CASE, actor=actor, new={"file": file.name, "removed": file.stripped}
            )
    return case


def comment(*, actor: Actor, case_id: int, text: str, files: Sequence[Checked] = ()) -> Case:
    """Add a comment, files, or both; see add_to_case()."""
    return add_to_case(actor=actor, case_id=case_id, text=text, files=files).case


@transaction.atomic
def escalate(*, actor: Actor, case_id: int, reason: EscalationReason, justification: str) -> Case | None:
    """Ask for more attention, once, with a reason and why (S11). Returns None where it was escalated before."""
    case = lock_case(actor, case_id)
    if case.escalated_at is not None:
        return None
    if case.state == State.CLOSED:
        raise Refused(_("This case is closed. Reopen it before you escalate it."), reason="conditionNotMet")
    if not justification.strip():
        raise Refused(_("Say why the case is escalated."), "justification")
    case.escalation_reason, case.escalation_justification = reason, justification
    case.escalated_at = database_now()
    record_case_event(
        case,
        EventKind.ESCALATED,
        EventName.ESCALATE_CASE,
        actor=actor,
        fields=["escalation_reason", "escalation_justification", "escalated_at"],
        text=justification,
        new=reason,
    )
    return case


@transaction.atomic
def close(*, actor: Actor, case_id: int) -> Case | None:
    """Close a case. Returns None where it is closed already."""
    case = lock_case(actor, case_id)
    if case.state == State.CLOSED:
        return None
    old, fields = case.state, move_to(case, State.CLOSED)
    record_case_event(
        case, EventKind.CLOSED, EventName.CLOSE_CASE, actor=actor, fields=fields, old=old, new=State.CLOSED.value
    )
    return case


@transaction.atomic
def reopen(*, actor: Actor, case_id: int, text: str = "") -> Case | None:
    """Reopen a closed case within 15 days (S11). Returns None where it is open; raises Refused later than that."""
    case = lock_case(actor, case_id)
    if case.state != State.CLOSED:
        return None
    if not can_be_reopened(case, database_now()):
        raise Refused(
            _("A case can be reopened for 15 days after it was closed. File a new one."), reason="conditionNotMet"
        )
    fields, new = move_to(case, State.IN_PROGRESS_GOOGLE_SUPPORT), State.IN_PROGRESS_GOOGLE_SUPPORT.value
    record_case_event(
        case,
        EventKind.REOPENED,
        EventName.REOPEN_CASE,
        actor=actor,
        fields=fields,
        text=text,
        old=State.CLOSED.value,
        new=new,
    )
    return case


def can_be_reopened(case: Case, now: datetime) -> bool:
    """Tell whether a case was closed so lately that it can be reopened; now: the database's clock."""
    return case.closed_at is not None and now < case.closed_at + REOPEN_WITHIN


@transaction.atomic
def rate(*, actor: Actor, case_id: int, satisfaction: int, text: str = "") -> Case | None:
    """Say how content one is with a closed case, from 1 (bad) to 5 (good). Returns None where it says the same."""
    case = lock_case(actor, case_id)
    if case.state != State.CLOSED:
        raise Refused(_("Satisfaction is asked for once the case is closed."), reason="conditionNotMet")
    if not 1 <= satisfaction <= 5:
        raise Refused(_("Choose a number from 1 to 5."), "satisfaction")
    if (case.satisfaction, case.satisfaction_comment) == (satisfaction, text):
        return None
    old = str(case.satisfaction or "")
    case.satisfaction, case.satisfaction_comment = satisfaction, text
    fields = ["satisfaction", "satisfaction_comment"]
    record_case_event(
        case,
        EventKind.RATED,
        EventName.RATE_CASE,
        actor=actor,
        fields=fields,
        text=text,
        old=old,
        new=str(satisfaction),
    )
    return case


@transaction.atomic
def change_priority(*, actor: Actor, case_id: int, priority: Priority) -> Case | None:
    """Change how urgent a case is. Returns None where it is the same."""
    case = lock_case(actor, case_id)
    if case.priority == priority:
        return None
    if case.state == State.CLOSED:
        raise Refused(_("This case is closed. Reopen it to change its priority."), reason="conditionNotMet")
    old, case.priority = case.priority, priority
    record_case_event(
        case,
        EventKind.PRIORITY_CHANGED,
        EventName.CHANGE_CASE_PRIORITY,
        actor=actor,
        fields=["priority", *draw_due_time(case)],
        old=old,
        new=priority.value,
    )
    return case


@transaction.atomic
def change_title(*, actor: Actor, case_id: int, title: str) -> Case | None:
    """Give a case another title (P10). Returns None where it has this one; raises Refused for none."""
    case = lock_case(actor, case_id)
    new = clean_name(title, field="title", empty=_("Enter a title."))
    if case.title == new:
        return None
    if case.state == State.CLOSED:
        raise Refused(_("This case is closed. Reopen it to change its title."), reason="conditionNotMet")
    old, case.title = case.title, new
    name = EventName.CHANGE_CASE_TITLE
    record_case_event(case, EventKind.TITLE_CHANGED, name, actor=actor, fields=["title"], old=old, new=new)
    return case


@transaction.atomic
def subscribe(*, actor: Actor, case_id: int, email: str) -> Case | None:
    """Let a person who may read the case have mail about it. Returns None where this person has it already."""
    case = lock_case(actor, case_id)
    person = _reader(case, email)
    if case.subscribers.filter(person=person).exists():
        return None
    if case.subscribers.count() >= SUBSCRIBERS_AT_MOST:
        raise Refused(_too_many(), "email")
    Subscriber.objects.create(case=case, person=person)
    _subscribers_changed(case, actor, new=person.email)
    return case


@transaction.atomic
def unsubscribe(*, actor: Actor, case_id: int, email: str) -> Case | None:
    """Stop the mail to one address. Returns None where it gets none."""
    case = lock_case(actor, case_id)
    found = case.subscribers.select_related("person").filter(person__in=User.objects.filter(reaches(email))).first()
    if found is None:
        return None
    found.delete()
    _subscribers_changed(case, actor, old=found.person.email)
    return case


def _subscribers_changed(case: Case, actor: Actor, *, old: str = "", new: str = "") -> None:
    name = EventName.CHANGE_CASE_SUBSCRIBERS
    record_case_event(case, EventKind.SUBSCRIBERS_CHANGED, name, actor=actor, old=old, new=new)


def _reader(case: Case, email: str) -> User:
    """Return who has this address and may read the case. Whatever the reason, a refusal says the same (S10)."""
    try:
        found = person_at(canonical_email(email))
    except ValidationError as error:
        raise Refused.because(error, "subscribers") from error
    reads = found is not None and found.is_active and not found.is_vendor
    if found is None or not reads or not cases_visible_to(found).filter(pk=case.pk).exists():
        raise Refused(_("Nobody with the address %(email)s may read this case.") % {"email": email}, "subscribers")
    return found


def _too_many() -> str:
    return _("At most %(limit)d people get mail about a case.") % {"limit": SUBSCRIBERS_AT_MOST}
