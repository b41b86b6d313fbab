"""Which page leads to which help text, by the name of its URL; or why it needs none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# By the slug of a text: the names of the URLs that lead to it.
_PAGES: Final[dict[str, str]] = {
    "home": "console_home",
    "users": (
        "users user user_new user_edit user_invite user_suspend user_restore user_delete user_undelete"
        " user_reset_password user_add_alias user_remove_alias"
    ),
    "groups": "groups group group_create group_edit group_access group_delete group_add_alias group_remove_alias"
    " group_members_add group_member_role group_member_remove groups_bulk",
    "org-units": "org_units org_unit org_unit_create org_unit_edit org_unit_move org_unit_remove",
    "devices": "devices device device_enrol devices_change devices_bulk",
    "imports": "import_users import_devices users_bulk jobs job job_start job_stop",
    "subscriptions": "subscriptions subscription subscription_buy subscription_change",
    "licences": "licences subscription_licences licences_assign licences_unit licences_automatic"
    " user_licences licences_bulk",
    "transfers": "transfer transfer_token transfer_revoke",
    "billing": "billing",
    "account-settings": "account_settings customer_profile",
    "domains": "domains domain_add own_domain domain_check domain_remove domain_primary",
    "provisioning": "provisioning provisioning_new provisioning_token provisioning_replace provisioning_revoke",
    "service-accounts": "service_accounts service_account_new service_account service_account_scopes"
    " service_account_suspend service_account_restore service_account_delete service_account_key_new"
    " service_account_key_ready service_account_key_rotate service_account_key_revoke",
    "applications": "applications application_new application application_ready application_change application_secret"
    " application_end application_consent_end",
    "webhooks": "webhooks webhook_new webhook_secret webhook_endpoint webhook_message webhook_rotate webhook_test"
    " webhook_replay webhook_pause webhook_resume webhook_remove",
    "single-sign-on": "single_sign_on single_sign_on_test single_sign_on_on single_sign_on_off single_sign_on_remove"
    " single_sign_on_unlink",
    "reseller-access": "reseller_access reseller_access_rules reseller_access_history reseller_access_remove_now"
    " reseller_access_turn_off_all reseller_access_retry",
    "access-requests": "access_requests access_requests_policy access_request",
    "on-request": "activations activation_approve activation_reject activation_end",
    "reviews": "access_reviews access_review access_review_begin access_review_schedule access_review_finish",
    "two-people": "two_people two_people_rules proposal",
    "health": "health health_take_back",
    "who-has-access": "who_has_access",
    "external-access": "outside_access outside_visit outside_access_end outside_access_end_all outside_access_reason"
    " outside_visit_report",
    "roles": "admin_roles admin_role admin_role_assign admin_role_unassign user_roles",
    "audit-log": "audit_log",
    "support-partners": "support_partners support_partner_assign support_partner_resend support_partner_withdraw"
    " support_partner_remove",
    "support-contracts": "support_contracts support_contract_new",
    "cases": "support_home support_cases support_case support_case_new support_case_file",
    "reseller-home": "reseller_home",
    "reseller-customers": "reseller_customers reseller_customer reseller_customer_new reseller_customer_edit"
    " reseller_customer_invite reseller_customer_tags reseller_groups reseller_group reseller_group_add"
    " reseller_group_remove reseller_group_rename reseller_group_delete reseller_group_fill customers_bulk"
    " reseller_jobs reseller_job reseller_job_start reseller_job_stop",
    "entering": "enter_console leave_console",
    "activations": "reseller_activations reseller_activate reseller_activate_more reseller_activation_end"
    " reseller_activation_approve reseller_activation_reject",
    "asking": "reseller_ask reseller_requests reseller_request_withdraw",
    "staff": "reseller_staff reseller_agent reseller_agent_customers reseller_agent_new reseller_agent_invite"
    " reseller_agent_roles reseller_agent_factor_cancel"
    " reseller_agent_suspend reseller_agent_restore reseller_agent_delete reseller_agent_undelete"
    " reseller_agent_password reseller_team_for_all reseller_teams reseller_team"
    " reseller_team_customers reseller_team_rename reseller_team_delete reseller_team_add_member"
    " reseller_team_remove_member",
    "reseller-domains": "reseller_domains reseller_domain_add reseller_own_domain reseller_domain_check"
    " reseller_domain_remove reseller_domain_primary",
    "reseller-provisioning": "reseller_provisioning reseller_provisioning_new reseller_provisioning_token"
    " reseller_provisioning_replace reseller_provisioning_revoke",
    "reseller-service-accounts": "reseller_service_accounts reseller_service_account_new reseller_service_account"
    " reseller_service_account_scopes reseller_service_account_suspend"
    " reseller_service_account_restore reseller_service_account_delete"
    " reseller_service_account_key_new reseller_service_account_key_ready"
    " reseller_service_account_key_rotate reseller_service_account_key_revoke",
    "reseller-applications": "reseller_applications reseller_application_new reseller_application"
    " reseller_application_ready reseller_application_change reseller_application_secret"
    " reseller_application_end reseller_application_consent_end",
    "reseller-webhooks": "reseller_webhooks reseller_webhook_new reseller_webhook_secret reseller_webhook_endpoint"
    " reseller_webhook_message reseller_webhook_rotate reseller_webhook_test reseller_webhook_replay"
    " reseller_webhook_pause reseller_webhook_resume reseller_webhook_remove",
    "reseller-single-sign-on": "reseller_single_sign_on reseller_single_sign_on_test reseller_single_sign_on_on"
    " reseller_single_sign_on_off reseller_single_sign_on_remove reseller_single_sign_on_unlink",
    "staffing-reviews": "staffing_reviews staffing_review staffing_review_begin staffing_review_schedule"
    " staffing_review_finish",
    "selling": "reseller_subscription reseller_subscription_change reseller_order",
    "taking-over": "reseller_transfers",
    "reseller-support": "reseller_support reseller_support_decide support_verify",
    "reseller-cases": "reseller_cases reseller_case reseller_case_new reseller_case_file",
    "reseller-activity": "reseller_activity",
    "operations": "operations_access_changes operations_retry operations_lost_factors operations_lost_factor_cancel",
    "operations-home": "operations_home operations_health operations_queues operations_queue_look operations_job_stop"
    " operations_mails_retry",
    "organisations": "operations_organisations operations_organisation operations_organisation_new"
    " operations_reseller_suspend operations_reseller_restore operations_person_new operations_payment_add"
    " operations_payment_remove operations_care_day operations_domains operations_domain_verify"
    " operations_domain_settle",
    "operators-people": "operations_person operations_person_invite operations_person_suspend operations_person_restore"
    " operations_person_roles operations_person_link operations_explain operations_staff operations_limits"
    " operations_limit_lift",
    "operations-log": "operations_audit",
    "support-queue": "vendor_cases vendor_case vendor_case_file",
    "help-answers": "operations_help",
    "your-account": "preferences usersessions_list account_change_password account_set_password",
    "your-applications": "own_applications oauth_consent",
    "second-factor": "second_factor second_factor_app passkey_add passkey_rename factor_remove recovery_codes"
    " factor_reset_cancel",
    "lost-factor": "user_lost_factor user_lost_factor_cancel",
    "notifications": "notifications notifications_read notification_open notification_preferences",
}
HELP_OF_PAGE: Final[Mapping[str, str]] = MappingProxyType(
    {name: slug for slug, names in _PAGES.items() for name in names.split()}
)

_SIGNED_OUT = "nobody has signed in yet, and the page itself says what to do"
_FILE = "answers with a file, not with a page"
_PIECE = "answers with a piece of a page that has its own"
_HELP = "is the help"
_SEARCH = "finds help too"
# The others, each with the reason.
NO_HELP: Final[Mapping[str, str]] = MappingProxyType(
    {
        "audit_seal_keys": "read by machines",
        "health_live": "read by machines",
        **dict.fromkeys(
            (
                *("scim_config", "scim_resource_types", "scim_resource_type", "scim_schemas", "scim_schema"),
                *("scim_users", "scim_user", "scim_groups", "scim_group", "scim_bulk", "scim_me", "scim_search"),
                *("api_token", "api_token_v4", "api_tokeninfo", "api_tokeninfo_v1", "api_tokeninfo_v2"),
                *("api_tokeninfo_v3", "api_userinfo", "api_revoke", "api_certificates"),
                *("api_openid_configuration", "api_key_set", "api_key_certificates"),
            ),
            "asked by programs",
        ),
        "metrics": "read by machines",
        **dict.fromkeys(("reference", "reference_of"), "is a reference, which explains itself"),
        "health_ready": "read by machines",
        "account_login": _SIGNED_OUT,
        "second_step": _SIGNED_OUT,
        "fresh_proof": "asks one question, and says why",
        "provider_callback": _SIGNED_OUT,
        "passkey_sign_in": "answers the script of the sign-in page",
        "account_logout": "asks one question and leads out",
        "account_inactive": _SIGNED_OUT,
        "account_signup": _SIGNED_OUT,
        "account_reset_password": _SIGNED_OUT,
        "account_reset_password_done": _SIGNED_OUT,
        "account_reset_password_from_key": _SIGNED_OUT,
        "account_reset_password_from_key_done": _SIGNED_OUT,
        "home": "leads to the first page of each person, or says that there is none",
        "help": _HELP,
        "help_panel": _HELP,
        "help_feedback": _HELP,
        "users_export": _FILE,
        "application_file": _FILE,
        "reseller_application_file": _FILE,
        "service_account_key_file": _FILE,
        "reseller_service_account_key_file": _FILE,
        "import_users_template": _FILE,
        "import_devices_template": _FILE,
        "job_lines": _FILE,
        "audit_event_proof": _FILE,
        "audit_log_export": _FILE,
        "billing_export": _FILE,
        "outside_visit_export": _FILE,
        "access_review_export": _FILE,
        "staffing_review_export": _FILE,
        "support_cases_export": _FILE,
        "reseller_cases_export": _FILE,
        "reseller_customers_export": _FILE,
        "reseller_job_lines": _FILE,
        "job_state": _PIECE,
        "reseller_job_state": _PIECE,
        "console_people": _PIECE,
        "reseller_people": _PIECE,
        "list_choice": "leads back to the list",
        "console_search": _SEARCH,
        "reseller_search": _SEARCH,
        "vendor_search": _SEARCH,
        "reseller_access_state": _PIECE,
    }
)
