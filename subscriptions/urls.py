from __future__ import annotations

from django.urls import path

import accounts.converters  # noqa: F401  <domain:…>
from subscriptions.views import (
    billing,
    changing,
    customers,
    imports,
    jobs,
    licence_rules,
    licences,
    operations,
    ordering,
    reseller_access,
    reseller_access_actions,
    reseller_home,
    sold,
    staff,
    subscriptions,
    transfers,
    transfers_reseller,
    users,
    users_bulk,
    users_changes,
)

urlpatterns = [
    path("console/<domain:domain>/users/", users.users, name="users"),
    path("console/<domain:domain>/users/new/", users_changes.user_new, name="user_new"),
    path("console/<domain:domain>/users/export/", users.users_export, name="users_export"),
    path("console/<domain:domain>/users/<int:user_id>/", users.user, name="user"),
    path("console/<domain:domain>/users/<int:user_id>/edit/", users_changes.user_edit, name="user_edit"),
    path("console/<domain:domain>/users/<int:user_id>/invite/", users_changes.user_invite, name="user_invite"),
    path("console/<domain:domain>/users/<int:user_id>/suspend/", users_changes.user_suspend, name="user_suspend"),
    path("console/<domain:domain>/users/<int:user_id>/restore/", users_changes.user_restore, name="user_restore"),
    path("console/<domain:domain>/users/<int:user_id>/delete/", users_changes.user_delete, name="user_delete"),
    path("console/<domain:domain>/users/<int:user_id>/undelete/", users_changes.user_undelete, name="user_undelete"),
    path(
        "console/<domain:domain>/users/<int:user_id>/password/",
        users_changes.user_reset_password,
        name="user_reset_password",
    ),
    path(
        "console/<domain:domain>/users/<int:user_id>/aliases/remove/",
        users_changes.user_remove_alias,
        name="user_remove_alias",
    ),
    path("console/<domain:domain>/subscriptions/", subscriptions.subscriptions, name="subscriptions"),
    path(
        "console/<domain:domain>/subscriptions/<int:subscription_id>/", subscriptions.subscription, name="subscription"
    ),
    path("console/<domain:domain>/licences/", licences.licences, name="licences"),
    path(
        "console/<domain:domain>/licences/<int:subscription_id>/",
        licences.subscription_licences,
        name="subscription_licences",
    ),
    path(
        "console/<domain:domain>/licences/<int:subscription_id>/assign/",
        licences.licences_assign,
        name="licences_assign",
    ),
    path(
        "console/<domain:domain>/licences/<int:subscription_id>/revoke/",
        licences.licences_revoke,
        name="licences_revoke",
    ),
    path(
        "console/<domain:domain>/licences/<int:subscription_id>/org-unit/",
        licence_rules.licences_unit,
        name="licences_unit",
    ),
    path(
        "console/<domain:domain>/licences/<int:subscription_id>/automatic/",
        licence_rules.licences_automatic,
        name="licences_automatic",
    ),
    path("console/<domain:domain>/users/<int:user_id>/licences/", licence_rules.user_licences, name="user_licences"),
    path("console/<domain:domain>/users/import/", imports.import_users, name="import_users"),
    path("console/<domain:domain>/users/import/template/", imports.import_users_template, name="import_users_template"),
    path("console/<domain:domain>/users/bulk/", users_bulk.users_bulk, name="users_bulk"),
    path("console/<domain:domain>/users/jobs/", jobs.jobs, name="jobs"),
    path("console/<domain:domain>/users/jobs/<int:job_id>/", jobs.job, name="job"),
    path("console/<domain:domain>/users/jobs/<int:job_id>/state/", jobs.job_state, name="job_state"),
    path("console/<domain:domain>/users/jobs/<int:job_id>/start/", jobs.job_start, name="job_start"),
    path("console/<domain:domain>/users/jobs/<int:job_id>/stop/", jobs.job_stop, name="job_stop"),
    path("console/<domain:domain>/users/jobs/<int:job_id>/lines.csv", jobs.job_lines, name="job_lines"),
    path("console/<domain:domain>/devices/import/", imports.import_devices, name="import_devices"),
    path(
        "console/<domain:domain>/devices/import/template/",
        imports.import_devices_template,
        name="import_devices_template",
    ),
    path("console/<domain:domain>/subscriptions/buy/", ordering.subscription_buy, name="subscription_buy"),
    path(
        "console/<domain:domain>/subscriptions/<int:subscription_id>/change/<slug:step>/",
        changing.subscription_change,
        name="subscription_change",
    ),
    path("console/<domain:domain>/subscriptions/transfer/", transfers.transfer, name="transfer"),
    path("console/<domain:domain>/subscriptions/transfer/token/", transfers.transfer_token, name="transfer_token"),
    path(
        "console/<domain:domain>/subscriptions/transfer/<int:token_id>/revoke/",
        transfers.transfer_revoke,
        name="transfer_revoke",
    ),
    path("console/<domain:domain>/billing/", billing.billing, name="billing"),
    path("console/<domain:domain>/billing/export/", billing.billing_export, name="billing_export"),
    path("console/<domain:domain>/account/reseller-access/", reseller_access.reseller_access, name="reseller_access"),
    path(
        "console/<domain:domain>/account/reseller-access/state/",
        reseller_access.reseller_access_state,
        name="reseller_access_state",
    ),
    path(
        "console/<domain:domain>/account/reseller-access/history/",
        reseller_access.reseller_access_history,
        name="reseller_access_history",
    ),
    path(
        "console/<domain:domain>/account/reseller-access/remove-now/",
        reseller_access_actions.reseller_access_remove_now,
        name="reseller_access_remove_now",
    ),
    path(
        "console/<domain:domain>/account/reseller-access/turn-off/",
        reseller_access_actions.reseller_access_turn_off_all,
        name="reseller_access_turn_off_all",
    ),
    path(
        "console/<domain:domain>/account/reseller-access/retry/",
        reseller_access_actions.reseller_access_retry,
        name="reseller_access_retry",
    ),
    path("reseller/home/", reseller_home.reseller_home, name="reseller_home"),
    path("reseller/", customers.reseller_customers, name="reseller_customers"),
    # In front of the domains: "new" is spelled like one.
    path("reseller/customers/new/", sold.reseller_customer_new, name="reseller_customer_new"),
    path("reseller/customers/<domain:domain>/edit/", sold.reseller_customer_edit, name="reseller_customer_edit"),
    path("reseller/customers/<domain:domain>/order/", ordering.reseller_order, name="reseller_order"),
    path(
        "reseller/customers/<domain:domain>/subscriptions/<int:subscription_id>/",
        sold.reseller_subscription,
        name="reseller_subscription",
    ),
    path(
        "reseller/customers/<domain:domain>/subscriptions/<int:subscription_id>/change/<slug:step>/",
        changing.reseller_subscription_change,
        name="reseller_subscription_change",
    ),
    path("reseller/customers/<domain:domain>/", customers.reseller_customer, name="reseller_customer"),
    path("reseller/customers/<domain:domain>/enter/", customers.enter_console, name="enter_console"),
    path("reseller/customers/<domain:domain>/leave/", customers.leave_console, name="leave_console"),
    path("reseller/transfers/", transfers_reseller.reseller_transfers, name="reseller_transfers"),
    path("reseller/staff/agents/<int:agent_id>/", staff.reseller_agent, name="reseller_agent"),
    path(
        "reseller/staff/agents/<int:agent_id>/customers/",
        staff.reseller_agent_customers,
        name="reseller_agent_customers",
    ),
    path("reseller/staff/teams/<int:team_id>/", staff.reseller_team, name="reseller_team"),
    path(
        "reseller/staff/teams/<int:team_id>/customers/", staff.reseller_team_customers, name="reseller_team_customers"
    ),
    path("operations/access-changes/", operations.operations_access_changes, name="operations_access_changes"),
    path("operations/access-changes/<int:change_id>/retry/", operations.operations_retry, name="operations_retry"),
]
