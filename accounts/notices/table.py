"""Who is told of what, and in which words: the one table (R25). What needs no notice stands in unneeded.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models.audit_event import EventName
from accounts.models.notices import Topic
from accounts.notices.told import Audience, Notice, Told

_ACCESS, _CUSTOMER, _CUSTOMERS, _TRANSFER = "reseller_access", "reseller_customer", "reseller_customers", "transfer"
_OUTSIDE, _PARTNERS = "outside_access", "support_partners"


def _access(*told: Told) -> Notice:
    return Notice(Topic.ACCESS, told)


def _admins(says: Promise, page: str = _ACCESS, otherwise: Promise | None = None, *, mails: bool = True) -> Told:
    return Told(Audience.SUPER_ADMINS, says, page, otherwise, mails=mails)


def _deed(says: Promise, otherwise: Promise | None = None, page: str = _ACCESS) -> Told:
    return Told(Audience.SUPER_ADMINS_OF_A_DEED, says, page, otherwise)


def _reseller(console: tuple[Promise, Promise], subscription: tuple[Promise, Promise]) -> tuple[Told, ...]:
    """R5: a reseller's people hear whether they have access, never who decided it."""
    return tuple(
        Told(audience, says, _CUSTOMER, otherwise, _CUSTOMERS, names_actor=False)
        for audience, (says, otherwise) in (
            (Audience.RESELLER_OF_A_CONSOLE, console),
            (Audience.RESELLER_OF_A_SUBSCRIPTION, subscription),
        )
    )


def _asker(says: Promise) -> tuple[Told, ...]:
    return (
        Told(Audience.ASKER, says, _CUSTOMER, mails=False, names_actor=False),
        Told(Audience.ADMINS_OF_THE_ASKER, says, _CUSTOMER, names_actor=False),
    )


def _its_customers(says: Promise) -> Notice:
    return _access(Told(Audience.SUPER_ADMINS_OF_ITS_CUSTOMERS, says, _ACCESS, names_actor=False))


def _super_admin(says: Promise, *more: Told) -> Notice:
    return Notice(Topic.ADMINS, (*more, Told(Audience.SUPER_ADMINS_OF_A_SUPER_ADMIN, says, "admin_roles")))


def _person(says: Promise, *, names_actor: bool = True) -> Told:
    return Told(Audience.PERSON, says, "home", names_actor=names_actor, topic=Topic.ACCOUNT)


def _ordered(says: Promise, *more: Told) -> Notice:
    told = Told(Audience.SUPER_ADMINS_OF_A_RESELLERS_DEED, says, "subscriptions")
    return Notice(Topic.SUBSCRIPTIONS, (told, *more))


def _support(says: Promise, *more: Told) -> Notice:
    return Notice(Topic.SUPPORT, (*more, Told(Audience.SUPPORT_MANAGERS, says, _PARTNERS)))


def _answered(says: Promise) -> Notice:
    """A mail of its own goes to who asked the partner."""
    return _support(says, Told(Audience.REQUESTER, says, _PARTNERS, mails=False))


def _of_partner(audience: Audience, says: Promise, *, mails: bool = True) -> Told:
    return Told(audience, says, "reseller_support", mails=mails, names_actor=False)


def _moves(says: Promise) -> Notice:
    return Notice(Topic.SUPPORT, (Told(Audience.SUPER_ADMINS, says, _PARTNERS, mails=False),))


def _reminder(audience: Audience, says: Promise, page: str) -> Told:
    return Told(audience, says, page, names_actor=False)


def _work(audience: Audience, says: Promise) -> Notice:
    return Notice(Topic.WORK, (Told(audience, says, _CUSTOMERS),))


_CONSOLE = (
    _("Access to the console of %(customer)s is in effect"),
    _("Access to the console of %(customer)s has ended"),
)
_ONE = (
    _("Access to a subscription of %(customer)s is in effect"),
    _("Access to a subscription of %(customer)s has ended"),
)
_SAVED = _("Access for %(subject)s was allowed or changed"), _("Access for %(subject)s was removed")

NOTICES: Final[Mapping[EventName, Notice]] = MappingProxyType(
    {
        EventName.CHANGE_RESELLER_ACCESS: _access(_deed(*_SAVED)),
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU: _access(_deed(*_SAVED)),
        EventName.RESELLER_ACCESS_APPLIED: _access(
            _admins(_("Access for %(subject)s is in effect"), _ACCESS, _("Access for %(subject)s has ended")),
            *_reseller(_CONSOLE, _ONE),
        ),
        EventName.RESELLER_ACCESS_ENDED: _access(
            _admins(_("Access for %(subject)s came to its end")),
            *_reseller((_CONSOLE[1], _CONSOLE[1]), (_ONE[1], _ONE[1])),
        ),
        EventName.RESELLER_ACCESS_FAILED: _access(
            _admins(_("Access for %(subject)s could not be given")),
            Told(
                Audience.OPERATORS_OF_A_FAILURE,
                _("Access for %(subject)s at %(customer)s could not be given"),
                "operations_access_changes",
            ),
        ),
        EventName.REPAIR_RESELLER_ACCESS: _access(_admins(_("Access for %(subject)s was repaired by the system"))),
        EventName.CHANGE_ACCESS_POLICY: _access(_admins(_("The rules for reseller access were changed"))),
        # A mail of its own goes to super admins, one to whom a request was handed on, and one to who asked.
        EventName.REQUEST_RESELLER_ACCESS: _access(
            Told(Audience.SUPER_ADMINS_OF_A_RESELLERS_DEED, _("%(subject)s asks for access"), _ACCESS, mails=False)
        ),
        EventName.WITHDRAW_ACCESS_REQUEST: _access(_admins(_("%(subject)s withdrew its request for access"))),
        EventName.APPROVE_ACCESS_REQUEST: _access(
            *_asker(_("%(customer)s approved your organisation’s request for access")),
            _admins(_("The request of %(subject)s for access was approved")),
        ),
        EventName.REJECT_ACCESS_REQUEST: _access(
            *_asker(_("%(customer)s rejected your organisation’s request for access")),
            _admins(_("The request of %(subject)s for access was rejected")),
        ),
        EventName.REPORT_CONSOLE_SESSION: _access(
            _admins(_("A visit of %(subject)s to the console was not recognised"), _OUTSIDE)
        ),
        EventName.END_CONSOLE_SESSION: _access(
            Told(
                Audience.AGENT,
                _("Your session in the console of %(customer)s was ended"),
                _CUSTOMERS,
                names_actor=False,
            ),
            _admins(_("A session of %(subject)s in the console was ended"), _OUTSIDE),
        ),
        EventName.CHANGE_CONSOLE_ENTRY_REASON: _access(
            _admins(_("Whether external users must give a reason to enter was changed"), _OUTSIDE)
        ),
        EventName.SUSPEND_RESELLER: _its_customers(_("%(subject)s is suspended, and its access has ended")),
        EventName.UNSUSPEND_RESELLER: _its_customers(_("%(subject)s is restored, with the access that you allow")),
        EventName.GENERATE_TRANSFER_TOKEN: _access(
            _deed(_("A transfer token was made for %(subject)s"), page=_TRANSFER)
        ),
        EventName.REVOKE_TRANSFER_TOKEN: _access(
            _deed(_("A transfer token for %(subject)s was revoked"), page=_TRANSFER)
        ),
        # Super admins, and what happened to a person
        EventName.ASSIGN_ROLE: _super_admin(
            _("%(subject)s is a super admin now"), _person(_("You have the role %(role)s now"))
        ),
        EventName.UNASSIGN_ROLE: _super_admin(
            _("%(subject)s is no longer a super admin"), _person(_("You no longer have the role %(role)s"))
        ),
        EventName.SUSPEND_USER: _super_admin(_("The super admin %(subject)s was suspended")),
        EventName.UNSUSPEND_USER: _super_admin(
            _("The super admin %(subject)s was restored"), _person(_("Your account was restored"))
        ),
        EventName.DELETE_USER: _super_admin(_("The super admin %(subject)s was deleted")),
        EventName.UNDELETE_USER: _super_admin(_("The super admin %(subject)s was restored after a deletion")),
        EventName.RESET_PASSWORD: Notice(Topic.ACCOUNT, (_person(_("An admin reset your password")),)),
        EventName.CREATE_PASSWORD_LINK: Notice(
            Topic.ACCOUNT, (_person(_("An operator made a link for you to choose a new password"), names_actor=False),)
        ),
        # Who works for whom
        EventName.ASSIGN_CUSTOMER: _work(Audience.ASSIGNED_AGENTS, _("You work for %(customer)s now")),
        EventName.UNASSIGN_CUSTOMER: _work(Audience.UNASSIGNED_AGENTS, _("You no longer work for %(customer)s")),
        EventName.ADD_TEAM_MEMBER: _work(Audience.AGENT, _("You are in the team %(subject)s now")),
        EventName.REMOVE_TEAM_MEMBER: _work(Audience.AGENT, _("You are no longer in the team %(subject)s")),
        EventName.DELETE_TEAM: _work(Audience.AGENT, _("Your team %(subject)s was deleted")),
        # What a reseller did to subscriptions
        EventName.ORDER_SUBSCRIPTION: _ordered(_("%(subject)s was ordered by a reseller")),
        EventName.CANCEL_SUBSCRIPTION: _ordered(_("%(subject)s was cancelled by a reseller")),
        EventName.CHANGE_SUBSCRIPTION_SEATS: _ordered(_("The seats of %(subject)s were changed by a reseller")),
        EventName.CHANGE_SUBSCRIPTION_PLAN: _ordered(_("The plan of %(subject)s was changed by a reseller")),
        EventName.CHANGE_SUBSCRIPTION_RENEWAL: _ordered(_("The renewal of %(subject)s was changed by a reseller")),
        EventName.START_PAID_SERVICE: _ordered(_("The paid service of %(subject)s was started by a reseller")),
        EventName.SUSPEND_SUBSCRIPTION: _ordered(_("%(subject)s was suspended by a reseller")),
        EventName.ACTIVATE_SUBSCRIPTION: _ordered(_("%(subject)s was activated by a reseller")),
        EventName.TRANSFER_SUBSCRIPTION: _ordered(
            _("%(subject)s was transferred to another reseller"),
            Told(Audience.COLLEAGUE_ADMINS, _("Your organisation took over %(subject)s of %(customer)s"), _CUSTOMER),
        ),
        # Support: a mail of its own goes to the verifier of a request, and about the move
        EventName.SUPPORT_PARTNER_ASSIGNED: _support(
            _("Support partner added: %(subject)s"),
            _of_partner(Audience.VERIFIER, _("%(customer)s asks you to confirm support"), mails=False),
            _of_partner(Audience.PARTNER, _("You have a support contract with %(customer)s")),
        ),
        EventName.SUPPORT_PARTNER_VERIFIED: _answered(_("Support partner confirmed: %(subject)s")),
        EventName.SUPPORT_PARTNER_DECLINED: _answered(_("Support partner declined: %(subject)s")),
        EventName.SUPPORT_PARTNER_WITHDRAWN: _support(
            _("Request to a support partner withdrawn: %(subject)s"),
            _of_partner(Audience.VERIFIER, _("%(customer)s withdrew its request for support")),
        ),
        EventName.SUPPORT_PARTNER_EXPIRED: _support(_("Request to a support partner expired: %(subject)s")),
        EventName.SUPPORT_PARTNER_REMOVED: _support(
            _("Support partner removed: %(subject)s"),
            _of_partner(Audience.PARTNER, _("Support for %(customer)s has ended: %(subject)s")),
        ),
        EventName.CUSTOMER_CARE_MOVE_SCHEDULED: Notice(
            Topic.SUPPORT, (_admins(_("The move to the Customer Care Portal has a date"), _PARTNERS),)
        ),
        EventName.CUSTOMER_CARE_MOVE_ANNOUNCED: _moves(_("The move to the Customer Care Portal is near")),
        EventName.CUSTOMER_CARE_MOVED: _moves(_("Support has moved to the Customer Care Portal")),
        EventName.CREATE_CASE: Notice(
            Topic.CASES,
            (
                Told(
                    Audience.PARTNER_OF_A_CASE,
                    # Without its title: what cases say stays in the console.
                    _("New case %(number)s of %(customer)s"),
                    "reseller_case",
                    names_actor=False,
                ),
            ),
        ),
        # What operators do about it: the mail of its own names the holders
        EventName.DOMAIN_IN_USE: Notice(
            Topic.ACCOUNT,
            (
                Told(
                    Audience.OPERATORS,
                    _("A reseller could not add a customer: %(subject)s is in use"),
                    "operations_access_changes",
                    mails=False,
                ),
            ),
        ),
    }
)
# R16: access ends soon, by the customer's own wish; no event says so.
REMINDERS: Final = (
    _reminder(Audience.REMINDED_SUPER_ADMINS, _("Access for %(subject)s ends on %(moment)s"), _ACCESS),
    _reminder(Audience.REMINDED_RESELLER, _("Access to the console of %(customer)s ends on %(moment)s"), _CUSTOMER),
)
