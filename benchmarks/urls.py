"""The product's pages, and the stock Django admin changelists of the same rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from accounts.models import AuditEvent, Device, DirectoryGroup, User
from benchmarks.generate import BIG
from benchmarks.settings import STOCK_TEMPLATES
from reseller_console.urls import urlpatterns as product
from subscriptions.models import AccessGrant, Subscription


class Site(admin.AdminSite):
    """Open to everybody who has signed in, as to a superuser: who may is not what is measured."""

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated)


class Stock(admin.ModelAdmin):  # type: ignore[type-arg]
    """A changelist of 50 rows of one customer, with the columns of the page that it is compared with.

    Rows can be selected where they can on that page; there are fewer filters than there, and no second count.
    """

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(customer_id=BIG)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Render with the context processors of a new project, and not with the product's."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            response.using = STOCK_TEMPLATES
        return response

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


class Users(Stock):
    """As the page *Users*."""

    list_display = ("name", "email", "org_unit", "is_active", "last_login")
    list_filter = ("is_active",)
    list_select_related = ("org_unit",)
    search_fields = ("name", "email")
    ordering = ("sort_name", "pk")


class Groups(Stock):
    """As the page *Groups*."""

    list_display = ("name", "email", "description", "members_in")
    search_fields = ("name", "email")
    ordering = ("sort_name", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        groups = super().get_queryset(request)
        return groups.annotate(members_in=Count("members"))  # type: ignore[no-any-return]

    def members_in(self, group: Any) -> int:
        return int(group.members_in)


class Events(Stock):
    """As the page *Audit log*, whose rows are not selected."""

    actions = None
    list_display = ("at", "name", "subject", "actor_email", "actor_organisation", "old_value", "new_value")
    list_filter = ("name",)
    search_fields = ("actor_email",)
    ordering = ("-pk",)


class Devices(Stock):
    """As the page *Devices*."""

    list_display = ("serial_number", "model", "kind", "user", "org_unit", "status", "last_seen_at")
    list_filter = ("kind", "status")
    list_select_related = ("user", "org_unit")
    search_fields = ("serial_number",)
    ordering = ("-pk",)


class Subscriptions(Stock):
    """As the page *Subscriptions*, whose rows are not selected."""

    actions = None
    list_display = ("sku", "reseller", "plan", "number_of_seats", "ends_at", "status")
    list_filter = ("status",)
    list_select_related = ("sku__product", "reseller")
    search_fields = ("sku__name",)
    ordering = ("-pk",)


class Customers(Stock):
    """As a reseller's page *Customers*."""

    list_display = ("customer_name", "customer_domain", "allowed", "effective_from", "effective_until")
    list_filter = ("allowed",)
    search_fields = ("customer_name",)
    ordering = ("customer_sort_name", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return AccessGrant.objects.filter(reseller=1, subscription=None)


site = Site()
site.register(User, Users)
site.register(DirectoryGroup, Groups)
site.register(AuditEvent, Events)
site.register(Device, Devices)
site.register(Subscription, Subscriptions)
site.register(AccessGrant, Customers)

urlpatterns = [*product, path("stock/", site.urls)]
