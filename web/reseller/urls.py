"""A reseller's own pages: everything below /reseller/."""

from __future__ import annotations

from django.urls import path

import web.converters  # noqa: F401  <domain:…>
from web.orders import changing, ordering
from web.reseller import access_requests, activity, cases, customers, home, sold_subscriptions, transfers, verification
from web.reseller.staff import customers as staff_customers
from web.reseller.staff import people, teams

urlpatterns = [
    path("home/", home.reseller_home, name="reseller_home"),
    path("", customers.reseller_customers, name="reseller_customers"),
    # In front of the domains: "new" is spelled like one.
    path("customers/new/", sold_subscriptions.reseller_customer_new, name="reseller_customer_new"),
    path(
        "customers/<domain:domain>/invite/",
        sold_subscriptions.reseller_customer_invite,
        name="reseller_customer_invite",
    ),
    path("customers/<domain:domain>/edit/", sold_subscriptions.reseller_customer_edit, name="reseller_customer_edit"),
    path("customers/<domain:domain>/order/", ordering.reseller_order, name="reseller_order"),
    path(
        "customers/<domain:domain>/subscriptions/<int:subscription_id>/",
        sold_subscriptions.reseller_subscription,
        name="reseller_subscription",
    ),
    path(
        "customers/<domain:domain>/subscriptions/<int:subscription_id>/change/<slug:step>/",
        changing.reseller_subscription_change,
        name="reseller_subscription_change",
    ),
    path("customers/<domain:domain>/", customers.reseller_customer, name="reseller_customer"),
    path("customers/<domain:domain>/ask/", access_requests.reseller_ask, name="reseller_ask"),
    path("customers/<domain:domain>/requests/", access_requests.reseller_requests, name="reseller_requests"),
    path(
        "customers/<domain:domain>/requests/<int:request_id>/withdraw/",
        access_requests.reseller_request_withdraw,
        name="reseller_request_withdraw",
    ),
    path("customers/<domain:domain>/enter/", customers.enter_console, name="enter_console"),
    path("customers/<domain:domain>/leave/", customers.leave_console, name="leave_console"),
    path("transfers/", transfers.reseller_transfers, name="reseller_transfers"),
    path("staff/", people.reseller_staff, name="reseller_staff"),
    path("staff/new/", people.reseller_agent_new, name="reseller_agent_new"),
    path("staff/agents/<int:agent_id>/invite/", people.reseller_agent_invite, name="reseller_agent_invite"),
    path("staff/agents/<int:agent_id>/suspend/", people.reseller_agent_suspend, name="reseller_agent_suspend"),
    path("staff/agents/<int:agent_id>/restore/", people.reseller_agent_restore, name="reseller_agent_restore"),
    path("staff/teams/", teams.reseller_teams, name="reseller_teams"),
    path("staff/teams/<int:team_id>/delete/", teams.reseller_team_delete, name="reseller_team_delete"),
    path(
        "staff/teams/<int:team_id>/members/<int:agent_id>/remove/",
        teams.reseller_team_remove_member,
        name="reseller_team_remove_member",
    ),
    path("staff/agents/<int:agent_id>/", people.reseller_agent, name="reseller_agent"),
    path("staff/agents/<int:agent_id>/roles/", people.reseller_agent_roles, name="reseller_agent_roles"),
    path(
        "staff/agents/<int:agent_id>/customers/",
        staff_customers.reseller_agent_customers,
        name="reseller_agent_customers",
    ),
    path("staff/teams/<int:team_id>/", teams.reseller_team, name="reseller_team"),
    path("staff/teams/<int:team_id>/rename/", teams.reseller_team_rename, name="reseller_team_rename"),
    path("staff/teams/<int:team_id>/members/", teams.reseller_team_add_member, name="reseller_team_add_member"),
    path(
        "staff/teams/<int:team_id>/customers/", staff_customers.reseller_team_customers, name="reseller_team_customers"
    ),
    path("support/", verification.reseller_support, name="reseller_support"),
    path("support/cases/", cases.reseller_cases, name="reseller_cases"),
    path("support/cases/export/", cases.reseller_cases_export, name="reseller_cases_export"),
    path("support/cases/new/", cases.reseller_case_new, name="reseller_case_new"),
    path("support/cases/<int:case_id>/", cases.reseller_case, name="reseller_case"),
    path("support/cases/<int:case_id>/files/<uuid:file_id>/", cases.reseller_case_file, name="reseller_case_file"),
    path("activity/", activity.reseller_activity, name="reseller_activity"),
]
