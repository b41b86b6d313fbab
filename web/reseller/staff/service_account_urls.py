from __future__ import annotations

from django.urls import path

from web.reseller.staff import service_accounts as views

urlpatterns = [
    path("", views.reseller_service_accounts, name="reseller_service_accounts"),
    path("new/", views.reseller_service_account_new, name="reseller_service_account_new"),
    path("<int:account_id>/", views.reseller_service_account, name="reseller_service_account"),
    path("<int:account_id>/scopes/", views.reseller_service_account_scopes, name="reseller_service_account_scopes"),
    path("<int:account_id>/suspend/", views.reseller_service_account_suspend, name="reseller_service_account_suspend"),
    path("<int:account_id>/restore/", views.reseller_service_account_restore, name="reseller_service_account_restore"),
    path("<int:account_id>/delete/", views.reseller_service_account_delete, name="reseller_service_account_delete"),
    path("<int:account_id>/keys/new/", views.reseller_service_account_key_new, name="reseller_service_account_key_new"),
    path(
        "<int:account_id>/keys/ready/",
        views.reseller_service_account_key_ready,
        name="reseller_service_account_key_ready",
    ),
    path(
        "<int:account_id>/keys/file/", views.reseller_service_account_key_file, name="reseller_service_account_key_file"
    ),
    path(
        "<int:account_id>/keys/<int:key_id>/rotate/",
        views.reseller_service_account_key_rotate,
        name="reseller_service_account_key_rotate",
    ),
    path(
        "<int:account_id>/keys/<int:key_id>/revoke/",
        views.reseller_service_account_key_revoke,
        name="reseller_service_account_key_revoke",
    ),
]
