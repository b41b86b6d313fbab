from __future__ import annotations

from django.urls import path

from web.console import applications as views

urlpatterns = [
    path("", views.applications, name="applications"),
    path("new/", views.application_new, name="application_new"),
    path("<int:account_id>/", views.application, name="application"),
    path("<int:account_id>/ready/", views.application_ready, name="application_ready"),
    path("<int:account_id>/file/", views.application_file, name="application_file"),
    path("<int:account_id>/change/", views.application_change, name="application_change"),
    path("<int:account_id>/secret/", views.application_secret, name="application_secret"),
    path("<int:account_id>/end/", views.application_end, name="application_end"),
    path("<int:account_id>/consents/end/", views.application_consent_end, name="application_consent_end"),
]
