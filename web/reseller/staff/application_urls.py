from __future__ import annotations

from django.urls import path

from web.reseller.staff import applications as views

urlpatterns = [
    path("", views.reseller_applications, name="reseller_applications"),
    path("new/", views.reseller_application_new, name="reseller_application_new"),
    path("<int:account_id>/", views.reseller_application, name="reseller_application"),
    path("<int:account_id>/ready/", views.reseller_application_ready, name="reseller_application_ready"),
    path("<int:account_id>/file/", views.reseller_application_file, name="reseller_application_file"),
    path("<int:account_id>/change/", views.reseller_application_change, name="reseller_application_change"),
    path("<int:account_id>/secret/", views.reseller_application_secret, name="reseller_application_secret"),
    path("<int:account_id>/end/", views.reseller_application_end, name="reseller_application_end"),
    path(
        "<int:account_id>/consents/end/",
        views.reseller_application_consent_end,
        name="reseller_application_consent_end",
    ),
]
