"""Who is told of what, and in which words: the one table (R25). What needs no notice stands in unneeded.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models.event_names import EventName
from accounts.models.notices import Topic
from accounts.notices.shapes import (
    ACCESS,
    ACTIVATIONS,
    CUSTOMER,
    CUSTOMERS,
    OUTSIDE,
    PARTNERS,
    PROPOSAL,
    REQUEST,
    TRANSFER,
    VISIT,
    access,
    admins,
    agent,
    answered,
    applications,
    asker,
    consent,
    deed,
    domain,
    factor_reset,
    its_customers,
    machines,
    moves,
    of_partner,
    ordered,
    person,
    provisioning,
    reseller,
    review,
    sign_in,
    super_admin,
    support,
    webhook,
    work,
)
from accounts.notices.told import Audience, Notice, Told

_VERIFIED = _("The domain %(subject)s is verified")
_REMOVED = _("The domain %(subject)s was removed")


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
        EventName.CHANGE_RESELLER_ACCESS: access(deed(*_SAVED)),
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU: access(deed(*_SAVED)),
        EventName.RESELLER_ACCESS_APPLIED: access(
            admins(_("Access for %(subject)s is in effect"), ACCESS, _("Access for %(subject)s has ended")),
            *reseller(_CONSOLE, _ONE),
        ),
        EventName.RESELLER_ACCESS_ENDED: access(
            admins(_("Access for %(subject)s came to its end")),
            *reseller((_CONSOLE[1], _CONSOLE[1]), (_ONE[1], _ONE[1])),
        ),
        EventName.RESELLER_ACCESS_FAILED: access(
            admins(_("Access for %(subject)s could not be given")),
            Told(
                Audience.OPERATORS_OF_A_FAILURE,
                _("Access for %(subject)s at %(customer)s could not be given"),
                "operations_access_changes",
            ),
        ),
        EventName.REPAIR_RESELLER_ACCESS: access(admins(_("Access for %(subject)s was repaired by the system"))),
        EventName.CHANGE_ACCESS_POLICY: access(admins(_("The rules for reseller access were changed"))),
        # A mail of its own goes to super admins, one to whom a request was handed on, and one to who asked.
        EventName.REQUEST_RESELLER_ACCESS: access(
            Told(Audience.SUPER_ADMINS_OF_A_RESELLERS_DEED, _("%(subject)s asks for access"), REQUEST, mails=False)
        ),
        EventName.WITHDRAW_ACCESS_REQUEST: access(admins(_("%(subject)s withdrew its request for access"), REQUEST)),
        EventName.APPROVE_ACCESS_REQUEST: access(
            *asker(_("%(customer)s approved your organisation’s request for access")),
            admins(_("The request of %(subject)s for access was approved"), REQUEST),
        ),
        EventName.REJECT_ACCESS_REQUEST: access(
            *asker(_("%(customer)s rejected your organisation’s request for access")),
            admins(_("The request of %(subject)s for access was rejected"), REQUEST),
        ),
        # R20: of an entry goes a mail of its own.
        EventName.ACTIVATE_RESELLER_ACCESS: access(
            admins(_("An agent of %(subject)s activated access"), ACTIVATIONS, mails=False)
        ),
        EventName.REQUEST_ACTIVATION: access(
            Told(Audience.APPROVING_SUPER_ADMINS, _("An agent of %(subject)s asks you to be let in"), ACTIVATIONS),
            Told(
                Audience.APPROVING_COLLEAGUES,
                _("An agent asks you to approve access to the console of %(customer)s"),
                "reseller_activations",
            ),
        ),
        EventName.APPROVE_ACTIVATION: access(
            agent(_("Your activation at %(customer)s was approved")),
            admins(_("An activation of %(subject)s was approved"), ACTIVATIONS),
        ),
        EventName.REJECT_ACTIVATION: access(
            agent(_("Your activation at %(customer)s was rejected")),
            admins(_("An activation of %(subject)s was rejected"), ACTIVATIONS, mails=False),
        ),
        EventName.END_ACTIVATION: access(
            agent(_("Your activation at %(customer)s was ended")),
            admins(_("An activation of %(subject)s was ended"), ACTIVATIONS, mails=False),
        ),
        EventName.START_ACCESS_REVIEW: review(
            _("A review of all access has begun, with 30 days to decide"),
            _("A review of who works for whom has begun, with 30 days to decide"),
        ),
        EventName.FINISH_ACCESS_REVIEW: review(
            _("The review of all access is finished"), _("The review of who works for whom is finished")
        ),
        EventName.REVIEW_DEADLINE_PASSED: review(
            _("The deadline of the review of access has passed, and not everything was decided"),
            _("The deadline of the review of who works for whom has passed, and not everything was decided"),
        ),
        EventName.CHANGE_REVIEW_SCHEDULE: review(
            _("How often access is reviewed was changed"), _("How often your staffing is reviewed was changed")
        ),
        EventName.REPORT_CONSOLE_SESSION: access(
            admins(_("A visit of %(subject)s to the console was not recognised"), VISIT)
        ),
        EventName.END_CONSOLE_SESSION: access(
            Told(
                Audience.AGENT,
                _("Your session in the console of %(customer)s was ended"),
                CUSTOMERS,
                names_actor=False,
            ),
            admins(_("A session of %(subject)s in the console was ended"), VISIT),
        ),
        EventName.CHANGE_CONSOLE_ENTRY_REASON: access(
            admins(_("Whether external users must give a reason to enter was changed"), OUTSIDE)
        ),
        EventName.SUSPEND_RESELLER: its_customers(_("%(subject)s is suspended, and its access has ended")),
        EventName.UNSUSPEND_RESELLER: its_customers(_("%(subject)s is restored, with the access that you allow")),
        EventName.GENERATE_TRANSFER_TOKEN: access(deed(_("A transfer token was made for %(subject)s"), page=TRANSFER)),
        EventName.REVOKE_TRANSFER_TOKEN: access(deed(_("A transfer token for %(subject)s was revoked"), page=TRANSFER)),
        # Two people (R21). A mail of its own goes to those who were super admins before one decided alone.
        EventName.PROPOSE_CHANGE: access(
            admins(_("A change waits for another super admin: %(subject)s"), PROPOSAL),
        ),
        EventName.APPROVE_PROPOSAL: access(admins(_("A proposal was approved: %(subject)s"), PROPOSAL)),
        EventName.REJECT_PROPOSAL: access(admins(_("A proposal was rejected: %(subject)s"), PROPOSAL)),
        EventName.WITHDRAW_PROPOSAL: access(admins(_("A proposal was withdrawn: %(subject)s"), PROPOSAL)),
        EventName.END_PROPOSAL: access(admins(_("A proposal is over without an answer: %(subject)s"), PROPOSAL)),
        EventName.EMERGENCY_CHANGE: access(
            Told(
                Audience.SUPER_ADMINS_OF_LATE,
                _("The only super admin left decided alone in an emergency: %(subject)s"),
                "home",
                mails=False,
            ),
        ),
        EventName.CHANGE_TWO_PEOPLE: access(admins(_("What needs two super admins was changed"), "two_people")),
        # Super admins, and what happened to a person
        EventName.ASSIGN_ROLE: super_admin(
            _("%(subject)s is a super admin now"), person(_("You have the role %(role)s now"))
        ),
        EventName.UNASSIGN_ROLE: super_admin(
            _("%(subject)s is no longer a super admin"), person(_("You no longer have the role %(role)s"))
        ),
        EventName.SUSPEND_USER: super_admin(_("The super admin %(subject)s was suspended")),
        EventName.UNSUSPEND_USER: super_admin(
            _("The super admin %(subject)s was restored"), person(_("Your account was restored"))
        ),
        EventName.DELETE_USER: super_admin(_("The super admin %(subject)s was deleted")),
        EventName.UNDELETE_USER: super_admin(_("The super admin %(subject)s was restored after a deletion")),
        EventName.CHANGE_SSO_SETTINGS: sign_in(_("The identity provider of your organisation was set up or changed")),
        EventName.TOGGLE_SSO_ENABLED: sign_in(_("Single sign-on was switched on or off")),
        EventName.REMOVE_SSO_SETTINGS: sign_in(_("The identity provider of your organisation was removed")),
        EventName.RESET_PASSWORD: Notice(Topic.ACCOUNT, (person(_("An admin reset your password")),)),
        EventName.CREATE_PASSWORD_LINK: Notice(
            Topic.ACCOUNT, (person(_("An operator made a link for you to choose a new password"), names_actor=False),)
        ),
        # The second factor (P12). A mail of its own goes to the person.
        EventName.TWO_STEP_REQUIRED: Notice(
            Topic.ACCOUNT,
            (Told(Audience.PERSON, _("A second factor is required of you: add one"), "second_factor", mails=False),),
        ),
        EventName.BEGIN_FACTOR_RESET: factor_reset(
            _("The second factor of %(subject)s will be reset in 24 hours"),
            _("Your second factor will be reset in 24 hours: cancel it if you have not lost it"),
        ),
        EventName.CANCEL_FACTOR_RESET: factor_reset(
            _("The reset of the second factor of %(subject)s was cancelled"),
            _("The reset of your second factor was cancelled"),
        ),
        EventName.RESET_FACTOR: factor_reset(
            _("The second factor of %(subject)s was reset"), _("Your second factor was reset: add another one")
        ),
        # Who works for whom
        EventName.ASSIGN_CUSTOMER: work(Audience.ASSIGNED_AGENTS, _("You work for %(customer)s now")),
        EventName.UNASSIGN_CUSTOMER: work(Audience.UNASSIGNED_AGENTS, _("You no longer work for %(customer)s")),
        EventName.ASSIGN_ALL_CUSTOMERS: work(
            Audience.AGENTS_FOR_ALL, _("Your team %(subject)s works for all customers now")
        ),
        EventName.UNASSIGN_ALL_CUSTOMERS: work(
            Audience.UNASSIGNED_AGENTS, _("Your team %(subject)s works for its listed customers only now")
        ),
        EventName.ADD_TEAM_MEMBER: work(Audience.AGENT, _("You are in the team %(subject)s now")),
        EventName.REMOVE_TEAM_MEMBER: work(Audience.AGENT, _("You are no longer in the team %(subject)s")),
        EventName.DELETE_TEAM: work(Audience.AGENT, _("Your team %(subject)s was deleted")),
        # What a reseller did to subscriptions
        EventName.ORDER_SUBSCRIPTION: ordered(_("%(subject)s was ordered by a reseller")),
        EventName.CANCEL_SUBSCRIPTION: ordered(_("%(subject)s was cancelled by a reseller")),
        EventName.CHANGE_SUBSCRIPTION_SEATS: ordered(_("The seats of %(subject)s were changed by a reseller")),
        EventName.CHANGE_SUBSCRIPTION_PLAN: ordered(_("The plan of %(subject)s was changed by a reseller")),
        EventName.CHANGE_SUBSCRIPTION_RENEWAL: ordered(_("The renewal of %(subject)s was changed by a reseller")),
        EventName.START_PAID_SERVICE: ordered(_("The paid service of %(subject)s was started by a reseller")),
        EventName.SUSPEND_SUBSCRIPTION: ordered(_("%(subject)s was suspended by a reseller")),
        EventName.ACTIVATE_SUBSCRIPTION: ordered(_("%(subject)s was activated by a reseller")),
        EventName.TRANSFER_SUBSCRIPTION: ordered(
            _("%(subject)s was transferred to another reseller"),
            Told(Audience.COLLEAGUE_ADMINS, _("Your organisation took over %(subject)s of %(customer)s"), CUSTOMER),
        ),
        EventName.TRANSFER_SUBSCRIPTION_TO_DIRECT: ordered(
            _("%(subject)s was handed back to the vendor by a reseller")
        ),
        EventName.CHANGE_SUBSCRIPTION_SKU: ordered(_("A reseller changed a subscription to %(subject)s")),
        # Support: a mail of its own goes to the verifier of a request, and about the move
        EventName.SUPPORT_PARTNER_ASSIGNED: support(
            _("Support partner added: %(subject)s"),
            of_partner(Audience.VERIFIER, _("%(customer)s asks you to confirm support"), mails=False),
            of_partner(Audience.PARTNER, _("You have a support contract with %(customer)s")),
        ),
        EventName.SUPPORT_PARTNER_VERIFIED: answered(_("Support partner confirmed: %(subject)s")),
        EventName.SUPPORT_PARTNER_DECLINED: answered(_("Support partner declined: %(subject)s")),
        EventName.SUPPORT_PARTNER_WITHDRAWN: support(
            _("Request to a support partner withdrawn: %(subject)s"),
            of_partner(Audience.VERIFIER, _("%(customer)s withdrew its request for support")),
        ),
        EventName.SUPPORT_PARTNER_EXPIRED: support(_("Request to a support partner expired: %(subject)s")),
        EventName.SUPPORT_PARTNER_REMOVED: support(
            _("Support partner removed: %(subject)s"),
            of_partner(Audience.PARTNER, _("Support for %(customer)s has ended: %(subject)s")),
        ),
        EventName.CUSTOMER_CARE_MOVE_SCHEDULED: Notice(
            Topic.SUPPORT, (admins(_("The move to the Customer Care Portal has a date"), PARTNERS),)
        ),
        EventName.CUSTOMER_CARE_MOVE_ANNOUNCED: moves(_("The move to the Customer Care Portal is near")),
        EventName.CUSTOMER_CARE_MOVED: moves(_("Support has moved to the Customer Care Portal")),
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
        EventName.ASSIGN_CASE_AT_PARTNER: Notice(
            Topic.CASES,
            (Told(Audience.ASSIGNEE_AT_PARTNER, _("Case %(number)s was assigned to you"), "reseller_case"),),
        ),
        # The domains of an organisation
        EventName.VERIFY_PRIMARY_DOMAIN: domain(_VERIFIED),
        EventName.VERIFY_SECONDARY_DOMAIN: domain(_VERIFIED),
        EventName.VERIFY_DOMAIN_ALIAS: domain(_VERIFIED),
        EventName.REMOVE_SECONDARY_DOMAIN: domain(_REMOVED),
        EventName.REMOVE_DOMAIN_ALIAS: domain(_REMOVED),
        EventName.CHANGE_PRIMARY_DOMAIN: domain(_("The primary domain is %(subject)s now")),
        EventName.DOMAIN_LOST: domain(_("Another organisation has verified %(subject)s, and yours has it no more")),
        EventName.DOMAIN_CONTESTED: domain(
            _("Another organisation has verified %(subject)s: the vendor decides who has it"),
            Told(
                Audience.OPERATORS,
                _("Two organisations claim the domain %(subject)s"),
                "operations_access_changes",
                names_actor=False,
            ),
        ),
        EventName.SETTLE_DOMAIN: domain(_("The vendor has decided about the domain %(subject)s")),
        # Provisioning
        EventName.CREATE_SCIM_TOKEN: provisioning(_("The SCIM token %(subject)s was made")),
        EventName.ROTATE_SCIM_TOKEN: provisioning(_("The SCIM token %(subject)s was replaced by a new one")),
        EventName.REVOKE_SCIM_TOKEN: provisioning(_("The SCIM token %(subject)s was revoked")),
        EventName.KEEP_LAST_ADMIN: provisioning(
            _("Your identity provider wants to remove %(subject)s, who is the last admin and was kept")
        ),
        # Webhooks
        EventName.CREATE_WEBHOOK: webhook(_("The webhook %(subject)s was added")),
        EventName.ROTATE_WEBHOOK_SECRET: webhook(_("The webhook %(subject)s has another secret")),
        EventName.PAUSE_WEBHOOK: webhook(_("The webhook %(subject)s is paused: nothing is sent to it")),
        EventName.RESUME_WEBHOOK: webhook(_("The webhook %(subject)s is resumed")),
        EventName.REMOVE_WEBHOOK: webhook(_("The webhook %(subject)s was removed")),
        # Machines
        EventName.CREATE_SERVICE_ACCOUNT: machines(_("The service account %(subject)s was made")),
        EventName.AUTHORIZE_API_CLIENT_ACCESS: machines(_("The service account %(subject)s may do more")),
        EventName.REMOVE_API_CLIENT_ACCESS: machines(_("The service account %(subject)s may do less")),
        EventName.SUSPEND_SERVICE_ACCOUNT: machines(_("The service account %(subject)s was suspended")),
        EventName.RESTORE_SERVICE_ACCOUNT: machines(_("The service account %(subject)s was restored")),
        EventName.DELETE_SERVICE_ACCOUNT: machines(_("The service account %(subject)s was deleted")),
        EventName.CREATE_SERVICE_ACCOUNT_KEY: machines(_("A key of the service account %(subject)s was made")),
        EventName.ROTATE_SERVICE_ACCOUNT_KEY: machines(_("A key of the service account %(subject)s was rotated")),
        EventName.REVOKE_SERVICE_ACCOUNT_KEY: machines(_("A key of the service account %(subject)s was revoked")),
        EventName.CREATE_OAUTH_CLIENT: applications(_("The application %(subject)s was registered")),
        EventName.CHANGE_OAUTH_CLIENT: applications(_("The application %(subject)s was changed")),
        EventName.DELETE_OAUTH_CLIENT: applications(_("The application %(subject)s was ended")),
        EventName.END_OAUTH_CONSENT: consent(
            _("The application %(subject)s may no longer act for you"),
            _("A key of the application %(subject)s was copied: the application may no longer act for you"),
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
