from __future__ import annotations

from django.urls import path

from api.door import publishing, views

urlpatterns = [
    path("token", views.token, name="api_token"),
    path("oauth2/v4/token", views.token, name="api_token_v4"),
    path("tokeninfo", views.tokeninfo, name="api_tokeninfo"),
    path("oauth2/v3/tokeninfo", views.tokeninfo, name="api_tokeninfo_v3"),
    path("oauth2/v2/tokeninfo", views.tokeninfo_v1, name="api_tokeninfo_v2"),
    path("oauth2/v1/tokeninfo", views.tokeninfo_v1, name="api_tokeninfo_v1"),
    path("oauth2/v3/userinfo", views.userinfo, name="api_userinfo"),
    path(".well-known/openid-configuration", publishing.openid_configuration, name="api_openid_configuration"),
    path("oauth2/v3/certs", publishing.key_set, name="api_key_set"),
    path("oauth2/v1/certs", publishing.key_certificates, name="api_key_certificates"),
    path("revoke", views.revoke, name="api_revoke"),
    path("robot/v1/metadata/x509/<str:email>", views.certificates, name="api_certificates"),
]
