from __future__ import annotations

from django.urls import include, path

import accounts.converters  # noqa: F401  <domain:…>
from accounts.views import account, audit_log
from reseller_console import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("accounts.urls")),
    path("console/<domain:domain>/account/", account.account_settings, name="account_settings"),
    path("console/<domain:domain>/audit/", audit_log.audit_log, name="audit_log"),
    path("console/<domain:domain>/audit/export/", audit_log.audit_log_export, name="audit_log_export"),
    path("reseller/activity/", audit_log.reseller_activity, name="reseller_activity"),
    path("", include("subscriptions.urls")),
    path("", include("support.urls")),
]

handler500 = "reseller_console.views.server_error"
