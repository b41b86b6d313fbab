from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import path, re_path

import accounts.converters  # noqa: F401  <domain:…>
from accounts.guards import everybody, signed_in
from accounts.views import (
    devices,
    groups,
    notifications,
    org_units,
    outside_access,
    preferences,
    roles,
    sessions,
    sign_in,
    staff,
    staff_invitations,
)
from accounts.views import help as help_views

# Of allauth's pages only those that this product needs: organisations create their people, so nobody
# signs up, and an address is changed by an admin.
urlpatterns = [
    path("accounts/login/", everybody(sign_in.sign_in), name="account_login"),
    path("accounts/logout/", everybody(allauth_views.logout), name="account_logout"),
    path("accounts/inactive/", everybody(allauth_views.account_inactive), name="account_inactive"),
    # Says that nobody signs up here.
    path("accounts/signup/", everybody(allauth_views.signup), name="account_signup"),
    path("accounts/password/change/", signed_in(allauth_views.password_change), name="account_change_password"),
    path("accounts/password/set/", signed_in(allauth_views.password_set), name="account_set_password"),
    path("accounts/password/reset/", everybody(allauth_views.password_reset), name="account_reset_password"),
    path(
        "accounts/password/reset/done/",
        everybody(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[^/]{1,200})/$",
        everybody(sign_in.password_link),
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        everybody(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("accounts/sessions/", sessions.own_sessions, name="usersessions_list"),
    path("console/<domain:domain>/account/roles/", roles.admin_roles, name="admin_roles"),
    path("console/<domain:domain>/account/roles/<str:role>/", roles.admin_role, name="admin_role"),
    path("console/<domain:domain>/account/roles/<str:role>/assign/", roles.admin_role_assign, name="admin_role_assign"),
    path(
        "console/<domain:domain>/account/roles/<str:role>/<int:user_id>/unassign/",
        roles.admin_role_unassign,
        name="admin_role_unassign",
    ),
    path("console/<domain:domain>/users/<int:user_id>/roles/", roles.user_roles, name="user_roles"),
    path("reseller/staff/", staff.reseller_staff, name="reseller_staff"),
    path("reseller/staff/new/", staff_invitations.reseller_agent_new, name="reseller_agent_new"),
    path(
        "reseller/staff/agents/<int:agent_id>/invite/",
        staff_invitations.reseller_agent_invite,
        name="reseller_agent_invite",
    ),
    path("reseller/staff/agents/<int:agent_id>/suspend/", staff.reseller_agent_suspend, name="reseller_agent_suspend"),
    path("reseller/staff/agents/<int:agent_id>/restore/", staff.reseller_agent_restore, name="reseller_agent_restore"),
    path("reseller/staff/teams/", staff.reseller_teams, name="reseller_teams"),
    path("reseller/staff/teams/<int:team_id>/delete/", staff.reseller_team_delete, name="reseller_team_delete"),
    path(
        "reseller/staff/teams/<int:team_id>/members/<int:agent_id>/remove/",
        staff.reseller_team_remove_member,
        name="reseller_team_remove_member",
    ),
    path("console/<domain:domain>/org-units/", org_units.org_units, name="org_units"),
    path("console/<domain:domain>/org-units/create/", org_units.org_unit_create, name="org_unit_create"),
    path("console/<domain:domain>/org-units/<int:unit_id>/", org_units.org_unit, name="org_unit"),
    path("console/<domain:domain>/org-units/<int:unit_id>/edit/", org_units.org_unit_edit, name="org_unit_edit"),
    path("console/<domain:domain>/org-units/<int:unit_id>/move/", org_units.org_unit_move, name="org_unit_move"),
    path("console/<domain:domain>/org-units/<int:unit_id>/delete/", org_units.org_unit_remove, name="org_unit_remove"),
    path("console/<domain:domain>/groups/", groups.groups, name="groups"),
    path("console/<domain:domain>/groups/create/", groups.group_create, name="group_create"),
    path("console/<domain:domain>/groups/<int:group_id>/", groups.group, name="group"),
    path("console/<domain:domain>/groups/<int:group_id>/edit/", groups.group_edit, name="group_edit"),
    path("console/<domain:domain>/groups/<int:group_id>/access/", groups.group_access, name="group_access"),
    path("console/<domain:domain>/groups/<int:group_id>/delete/", groups.group_delete, name="group_delete"),
    path("console/<domain:domain>/groups/<int:group_id>/members/", groups.group_members_add, name="group_members_add"),
    path(
        "console/<domain:domain>/groups/<int:group_id>/members/<int:member_id>/role/",
        groups.group_member_role,
        name="group_member_role",
    ),
    path(
        "console/<domain:domain>/groups/<int:group_id>/members/<int:member_id>/remove/",
        groups.group_member_remove,
        name="group_member_remove",
    ),
    path("console/<domain:domain>/devices/", devices.devices, name="devices"),
    path("console/<domain:domain>/devices/enrol/", devices.device_enrol, name="device_enrol"),
    path("console/<domain:domain>/devices/change/", devices.devices_change, name="devices_change"),
    path("console/<domain:domain>/devices/<int:device_id>/", devices.device, name="device"),
    path("console/<domain:domain>/account/outside-access/", outside_access.outside_access, name="outside_access"),
    path(
        "console/<domain:domain>/account/outside-access/end/",
        outside_access.outside_access_end,
        name="outside_access_end",
    ),
    path(
        "console/<domain:domain>/account/outside-access/end-all/",
        outside_access.outside_access_end_all,
        name="outside_access_end_all",
    ),
    path(
        "console/<domain:domain>/account/outside-access/reason/",
        outside_access.outside_access_reason,
        name="outside_access_reason",
    ),
    path("console/<domain:domain>/notifications/", notifications.notifications, name="notifications"),
    path("console/<domain:domain>/notifications/read/", notifications.notifications_read, name="notifications_read"),
    path(
        "console/<domain:domain>/notifications/<int:notification_id>/open/",
        notifications.notification_open,
        name="notification_open",
    ),
    path("preferences/", preferences.preferences, name="preferences"),
    path("help/<slug:slug>/", help_views.help_panel, name="help_panel"),
    path("help/<slug:slug>/feedback/", help_views.help_feedback, name="help_feedback"),
]
