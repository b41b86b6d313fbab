"""A person is signed out everywhere, by an admin: a device that was lost, a browser that was left open."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.directory.rules import lock_for_change, refuse_deleted
from accounts.locking import taking_away
from accounts.models import User
from accounts.permissions import Permission


@taking_away()
def end_sessions_of(*, actor: Actor | None, person: User) -> None:
    """End every session of a person, who can sign in again. Raises Refused for a protected or a deleted person."""
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    end_sessions([person])
    record_audit(
        EventName.RESET_SIGNIN_COOKIES, actor=actor, customer=person.customer_id, subject=person.email, target=person
    )
