from __future__ import annotations

from django.urls import include, path, register_converter

from accounts.converters import DomainConverter
from accounts.views import audit_log
from reseller_console import views

register_converter(DomainConverter, "domain")

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("console/<domain:domain>/audit/", audit_log.audit_log, name="audit_log"),
    path("console/<domain:domain>/audit/export/", audit_log.audit_log_export, name="audit_log_export"),
    path("reseller/activity/", audit_log.reseller_activity, name="reseller_activity"),
    path("", include("subscriptions.urls")),
]

handler500 = "reseller_console.views.server_error"
