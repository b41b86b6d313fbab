"""What everybody has for themselves: the first page, sign-in, preferences, help."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import path, re_path

import web.converters  # noqa: F401  <domain:…>
from web.guards import everybody, signed_in
from web.personal import (
    applications,
    factors,
    fresh_proof,
    home,
    notifications,
    preferences,
    provider_sign_in,
    seal_keys,
    second_step,
    sessions,
    sign_in,
)
from web.personal import help as help_views

# Of allauth's pages only those that this product needs: organisations create their people, so nobody
# signs up, and an address is changed by an admin.
urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/login/", everybody(sign_in.sign_in), name="account_login"),
    path("accounts/login/second-step/", second_step.second_step, name="second_step"),
    path("accounts/login/passkey/", second_step.passkey_sign_in, name="passkey_sign_in"),
    path("accounts/login/provider/<uuid:key>/", provider_sign_in.provider_callback, name="provider_callback"),
    path("accounts/confirm/", fresh_proof.fresh_proof, name="fresh_proof"),
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
    path("accounts/second-factor/", factors.second_factor, name="second_factor"),
    path("accounts/second-factor/app/", factors.second_factor_app, name="second_factor_app"),
    path("accounts/second-factor/passkey/", factors.passkey_add, name="passkey_add"),
    path("accounts/second-factor/<int:factor_id>/name/", factors.passkey_rename, name="passkey_rename"),
    path("accounts/second-factor/<int:factor_id>/remove/", factors.factor_remove, name="factor_remove"),
    path("accounts/second-factor/reset/cancel/", factors.factor_reset_cancel, name="factor_reset_cancel"),
    path("accounts/second-factor/codes/", factors.recovery_codes, name="recovery_codes"),
    # The original's address, which its clients have from client_secrets.json.
    path("o/oauth2/v2/auth", applications.oauth_consent, name="oauth_consent"),
    path("accounts/applications/", applications.own_applications, name="own_applications"),
    path("accounts/sessions/", sessions.own_sessions, name="usersessions_list"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications_read"),
    path("notifications/<int:notification_id>/open/", notifications.notification_open, name="notification_open"),
    path("notifications/preferences/", notifications.notification_preferences, name="notification_preferences"),
    path("audit-seals/keys/", seal_keys.audit_seal_keys, name="audit_seal_keys"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/lists/<slug:list_name>/", preferences.list_choice, name="list_choice"),
    path("help/", help_views.help_index, name="help"),
    path("help/<slug:slug>/", help_views.help_panel, name="help_panel"),
    path("help/<slug:slug>/feedback/", help_views.help_feedback, name="help_feedback"),
]
