from __future__ import annotations

from django.urls import include, path

from reseller_console import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
]

handler500 = "reseller_console.views.server_error"
