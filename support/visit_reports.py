"""A customer does not recognise a visit from outside: it ends, and support is told (R23)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.console_sessions.entering import end_console_session
from accounts.console_sessions.inside import sessions_in
from accounts.console_sessions.opened import events_about, totals_of
from accounts.locking import lock_customer, taking_away
from accounts.models import AuditEvent, ConsoleSession, Customer
from accounts.moments import export_text
from accounts.permissions import Permission
from accounts.wording import labelled
from support.cases import Draft, file_case
from support.models import Case
from support.models.case import Priority
from support.models.partner import Service

CATEGORY = "sign_in.suspicious"


def report_of(visit: ConsoleSession) -> AuditEvent | None:
    """Return the event that a visit was reported with; its new value names the case. None where it was not."""
    return events_about(visit).filter(name=EventName.REPORT_CONSOLE_SESSION).first()


@taking_away()
def end_reported_visit(*, actor: Actor, customer: Customer, session_id: int) -> Case | None:
    """Say that a visit is not recognised: end it where it lasts, and file a case with what is known of it.

    Returns None where it was reported already: two clicks are one. Raises PermissionDenied, and
    ConsoleSession.DoesNotExist for a visit of another customer.
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.END_CONSOLE_SESSIONS, customer)
    visit = sessions_in(customer).get(pk=session_id)
    if report_of(visit) is not None:
        return None
    end_console_session(actor=actor, customer=customer, session_id=visit.pk)
    visit.refresh_from_db(fields=["ended_at", "ended_because"])
    case = file_case(actor=actor, customer=customer, draft=_draft(actor, visit))
    record_audit(
        EventName.REPORT_CONSOLE_SESSION,
        actor=actor,
        customer=customer,
        subject=visit.reseller.name,
        target=visit.reseller,
        new={"agent": visit.agent.email, "case": case.pk},
        visit=visit,
    )
    return case


def _draft(actor: Actor, visit: ConsoleSession) -> Draft:
    """Write the case in the language and the time zone of who reports it, which the page has set."""
    return Draft(
        service=Service.GOOGLE_WORKSPACE,
        category=CATEGORY,
        title=_("Visit from outside not recognised: %(agent)s") % {"agent": visit.agent.email[:120]},
        description="\n".join([_("We do not recognise this visit to our admin console."), "", *_facts(visit)]),
        priority=Priority.P1,
        language=actor.user.language,
        time_zone=actor.user.time_zone,
    )


def _facts(visit: ConsoleSession) -> list[str]:
    totals, none = totals_of(visit), _("none given")
    ended = f"{export_text(visit.ended_at)} ({visit.get_ended_because_display()})" if visit.ended_at else ""
    facts = [
        (_("Visit"), str(visit.pk)),
        (_("Agent"), f"{visit.agent.name} <{visit.agent.email}>"),
        (_("Works for"), visit.reseller.name),
        (_("Reason"), visit.reason or none),
        (_("Case number"), visit.case_number or none),
        (_("Entered"), export_text(visit.entered_at)),
        (_("Last seen"), export_text(visit.last_seen_at)),
        (_("Ended"), ended or _("Access or session over")),
        (_("IP address"), visit.ip_address or ""),
        (_("Changes"), str(totals.changes)),
        (_("Pages opened"), str(totals.opened)),
    ]
    return [labelled(label, value) for label, value in facts if value]
