from __future__ import annotations

from django.urls import path

import accounts.converters  # noqa: F401  <domain:…>
from subscriptions.views import (
    customers,
    licence_rules,
    licences,
    operations,
    reseller_access,
    reseller_access_actions,
    reseller_home,
    staff,
    subscriptions,
)

urlpatterns = [
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
    path("reseller/customers/<domain:domain>/", customers.reseller_customer, name="reseller_customer"),
    path("reseller/customers/<domain:domain>/enter/", customers.enter_console, name="enter_console"),
    path("reseller/customers/<domain:domain>/leave/", customers.leave_console, name="leave_console"),
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
