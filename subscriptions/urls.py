from __future__ import annotations

from django.urls import path

import accounts.converters  # noqa: F401  <domain:…>
from subscriptions.views import (
    billing,
    changing,
    console_home,
    customers,
    operations,
    ordering,
    reseller_access,
    reseller_access_actions,
    sold,
    staff,
    subscriptions,
    transfers,
    transfers_reseller,
)

urlpatterns = [
    path("console/<domain:domain>/", console_home.console_home, name="console_home"),
    path("console/<domain:domain>/subscriptions/", subscriptions.subscriptions, name="subscriptions"),
    path(
        "console/<domain:domain>/subscriptions/<int:subscription_id>/", subscriptions.subscription, name="subscription"
    ),
    path("console/<domain:domain>/subscriptions/transfer/", transfers.transfer, name="transfer"),
    path(
        "console/<domain:domain>/subscriptions/transfer/<int:token_id>/revoke/",
        transfers.transfer_revoke,
        name="transfer_revoke",
    ),
    path("console/<domain:domain>/billing/", billing.billing, name="billing"),
    path("console/<domain:domain>/billing/export/", billing.billing_export, name="billing_export"),
    path("console/<domain:domain>/subscriptions/buy/", ordering.subscription_buy, name="subscription_buy"),
    path(
        "console/<domain:domain>/subscriptions/<int:subscription_id>/change/<slug:step>/",
        changing.subscription_change,
        name="subscription_change",
    ),
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
