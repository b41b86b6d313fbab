from __future__ import annotations

from django.urls import path

from web.console import service_accounts as views

urlpatterns = [
    path("", views.service_accounts, name="service_accounts"),
    path("new/", views.service_account_new, name="service_account_new"),
    path("<int:account_id>/", views.service_account, name="service_account"),
    path("<int:account_id>/scopes/", views.service_account_scopes, name="service_account_scopes"),
    path("<int:account_id>/suspend/", views.service_account_suspend, name="service_account_suspend"),
    path("<int:account_id>/restore/", views.service_account_restore, name="service_account_restore"),
    path("<int:account_id>/delete/", views.service_account_delete, name="service_account_delete"),
    path("<int:account_id>/keys/new/", views.service_account_key_new, name="service_account_key_new"),
    path("<int:account_id>/keys/ready/", views.service_account_key_ready, name="service_account_key_ready"),
    path("<int:account_id>/keys/file/", views.service_account_key_file, name="service_account_key_file"),
    path(
        "<int:account_id>/keys/<int:key_id>/rotate/",
        views.service_account_key_rotate,
        name="service_account_key_rotate",
    ),
    path(
        "<int:account_id>/keys/<int:key_id>/revoke/",
        views.service_account_key_revoke,
        name="service_account_key_revoke",
    ),
]
