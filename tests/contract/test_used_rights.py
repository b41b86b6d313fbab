"""Which right an event took (subscriptions/access/use.py): every event that agents can write in a console is there."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import AuditEvent
from accounts.models.event_names import EventName
from accounts.roles import AGENT_PERMISSIONS
from subscriptions.access.use import NEEDED
from tests.contract import matrix
from tests.contract.answers import url_of
from tests.contract.cases import Sender
from tests.contract.crawl import content_of
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.resolver import addresses
from tests.contract.world import World

CONSOLE = {address.name for address in addresses() if address.route.startswith("console/")}
FORMS = [line for line in matrix.lines() if line.method == "POST" and line.name in CONSOLE]
WHO = ("inside", "admin")
OPEN = [line for line in FORMS if line.letters[matrix.people().index(WHO)] in "ON"]

# What agents cannot write from inside: the customer's own admins, the system, the vendor, or pages of the reseller do.
_ACCESS = {
    name
    for name in EventName
    if "RESELLER_ACCESS" in name or "ACCESS_REQUEST" in name or "FINDING" in name or "ACTIVATION" in name
} | {
    EventName.CHANGE_ACCESS_POLICY,
    EventName.RESTORE_BACKUP,
}
_VISITS = {
    EventName.REPORT_CONSOLE_SESSION,
    EventName.END_CONSOLE_SESSION,
    EventName.CHANGE_CONSOLE_ENTRY_REASON,
}
_ORGANISATIONS = {
    EventName.CREATE_CUSTOMER,
    EventName.CHANGE_CUSTOMER,
    EventName.LAPSE_REGISTRATION,
    EventName.DOMAIN_IN_USE,
    EventName.CREATE_RESELLER,
    EventName.SUSPEND_RESELLER,
    EventName.UNSUSPEND_RESELLER,
}
_SIGN_INS = {
    EventName.LOGIN_SUCCESS,
    EventName.LOGIN_FAILURE,
    EventName.LOGOUT,
    EventName.PASSWORD_EDIT,
    EventName.PASSWORD_LINK_USED,
    EventName.CHANGE_PASSWORD,
    EventName.CREATE_PASSWORD_LINK,
}
_CLOSED = {  # R14
    EventName.ASSIGN_ROLE,
    EventName.UNASSIGN_ROLE,
    EventName.DOWNLOAD_USERLIST_CSV,
    EventName.CHANGE_GROUP_SETTING,
    EventName.GENERATE_TRANSFER_TOKEN,
    EventName.REVOKE_TRANSFER_TOKEN,
    EventName.ADD_PAYMENT_ACCOUNT,
    EventName.REMOVE_PAYMENT_ACCOUNT,
}
_STAFF = {name for name in EventName if "TEAM" in name} | {
    EventName.ASSIGN_CUSTOMER,
    EventName.UNASSIGN_CUSTOMER,
    EventName.ASSIGN_ALL_CUSTOMERS,
    EventName.UNASSIGN_ALL_CUSTOMERS,
}
_ORDER = {name for name in EventName if "CUSTOMER_GROUP" in name} | {
    EventName.ADD_CUSTOMER_TO_GROUP,
    EventName.REMOVE_CUSTOMER_FROM_GROUP,
    EventName.DOWNLOAD_CUSTOMERLIST_CSV,
    EventName.REGISTER_NOTIFICATIONS,
    EventName.UNREGISTER_NOTIFICATIONS,
    # Channels belong to programs (api/reports).
    EventName.CREATE_CHANNEL,
    EventName.STOP_CHANNEL,
}
_SUBSCRIPTIONS = {name for name in EventName if "SUBSCRIPTION" in name or name == EventName.START_PAID_SERVICE}
_PARTNERS = {name for name in EventName if name.startswith(("SUPPORT_PARTNER", "CUSTOMER_CARE"))}
_REVIEWS = {name for name in EventName if "REVIEW" in name}
_TWO_PEOPLE = {name for name in EventName if "PROPOSAL" in name} | {
    EventName.PROPOSE_CHANGE,
    EventName.CHANGE_TWO_PEOPLE,
    EventName.EMERGENCY_CHANGE,
}
_DESKS = {EventName.ASSIGN_CASE_AT_PARTNER, EventName.NOTE_CASE}  # on pages of the reseller alone (S13)
# P9: DOMAIN_IN_USE is one of the organisations.
_DOMAINS = {name for name in EventName if "DOMAIN" in name} - {EventName.DOMAIN_IN_USE}
_SEALS = {EventName.BEGIN_SEAL_ERA, EventName.DROP_AUDIT_MONTHS}  # the operator's commands (A5)
_OPERATORS = {EventName.LIFT_RATE_LIMIT, EventName.RETRY_MAILS}
# One's own second factor (P12).
_FACTORS = {EventName.TWO_STEP_ENROLL, EventName.TWO_STEP_CHANGE, EventName.TWO_STEP_DISABLE}
_FACTORS |= {EventName.GENERATE_RECOVERY_CODES, EventName.TWO_STEP_REQUIRED}
_FACTORS |= {EventName.BEGIN_FACTOR_RESET, EventName.CANCEL_FACTOR_RESET, EventName.RESET_FACTOR}
# Of a customer's own super admins, and of its provider (P15).
_PROVISIONING = {name for name in EventName if "SCIM_TOKEN" in name} | {EventName.KEEP_LAST_ADMIN}
# X6: of a customer's own super admins.
_WEBHOOKS = {name for name in EventName if "WEBHOOK" in name}
# X2: of the organisation's own admins; what is delegated is called as in the original.
_MACHINES = {name for name in EventName if "SERVICE_ACCOUNT" in name or "API_CLIENT" in name or "OAUTH" in name}
# P15: the customer's own admins and the person themselves.
_SINGLE_SIGN_ON = {name for name in EventName if "SSO" in name}
_OTHERS = {EventName.ASSIGN_CASE, EventName.PURGE_USER} | _DESKS
NEVER_INSIDE = (
    _ACCESS
    | _VISITS
    | _ORGANISATIONS
    | _SIGN_INS
    | _CLOSED
    | _STAFF
    | _ORDER
    | _SUBSCRIPTIONS
    | _PARTNERS
    | _REVIEWS
    | _TWO_PEOPLE
    | _DOMAINS
    | _SEALS
    | _OPERATORS
    | _FACTORS
    | _PROVISIONING
    | _WEBHOOKS
    | _MACHINES
    | _SINGLE_SIGN_ON
    | _OTHERS
)


def test_every_event_is_in_the_table_or_cannot_be_written_from_inside() -> None:
    assert {name for name in EventName if name not in NEEDED} == NEVER_INSIDE
    assert set(NEEDED.values()) <= AGENT_PERMISSIONS


@pytest.mark.parametrize("line", OPEN, ids=[line.name for line in OPEN])
def test_what_a_form_writes_in_a_visit_is_in_the_table(line: Line, db: None, world: World) -> None:
    sender = Sender(world, world.client(*WHO), world.persons[WHO])
    with transaction.atomic():
        before = AuditEvent.objects.count()
        content_of(sender.client.post(url_of(line.name, world), POSTS[line.name].data(sender)))
        events = AuditEvent.objects.order_by("-pk")[: AuditEvent.objects.count() - before]
        names = {event.name for event in events if event.console_session_id is not None}
        transaction.set_rollback(True)
    assert names <= set(NEEDED)
