from __future__ import annotations

from django.urls import path

from api.scim import views

urlpatterns = [
    path("ServiceProviderConfig", views.scim_config, name="scim_config"),
    path("ResourceTypes", views.scim_resource_types, name="scim_resource_types"),
    path("ResourceTypes/<str:name>", views.scim_resource_type, name="scim_resource_type"),
    path("Schemas", views.scim_schemas, name="scim_schemas"),
    path("Schemas/<str:urn>", views.scim_schema, name="scim_schema"),
    path("Users", views.scim_users, name="scim_users"),
    path("Users/<str:user_id>", views.scim_user, name="scim_user"),
    path("Groups", views.scim_groups, name="scim_groups"),
    path("Groups/<str:group_id>", views.scim_group, name="scim_group"),
    path("Bulk", views.scim_unsupported, name="scim_bulk"),
    path("Me", views.scim_unsupported, name="scim_me"),
    path(".search", views.scim_unsupported, name="scim_search"),
]
