"""One access check, and the first page of the largest reseller: against raw psycopg2 and against django-guardian."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection

from accounts.models import Customer, CustomerTeam, Reseller, RoleAssignment, Team, User
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.staffing import customers_of
from benchmarks.measure import alternately, table
from subscriptions.access.scope import PAGE_SIZE, customers_page
from subscriptions.models import AccessGrant

LARGEST = 1

# The floor: the same answers with nothing around them. One condition a line, as a person would write it.
CHECK = """
    SELECT g.effective_from <= now() AND (g.effective_until IS NULL OR g.effective_until > now())
    FROM accounts_user u
    JOIN accounts_reseller r ON r.id = u.reseller_id AND r.suspended_at IS NULL
    JOIN accounts_roleassignment ra ON ra.user_id = u.id AND ra.role = 'reseller_admin'
    JOIN subscriptions_accessgrant g ON g.reseller_id = r.id AND g.customer_id = %s
     AND g.subscription_id IS NULL AND g.ended_at IS NULL
    WHERE u.id = %s AND u.is_active
"""
PAGE = """
    SELECT g.customer_name, g.customer_domain, g.effective_from, g.effective_until, c.due_at,
           (SELECT count(*) FROM subscriptions_subscription s
            WHERE s.reseller_id = g.reseller_id AND s.customer_id = g.customer_id AND s.status <> 'CANCELLED')
    FROM (SELECT * FROM subscriptions_accessgrant
          WHERE reseller_id = %s AND subscription_id IS NULL AND ended_at IS NULL
          ORDER BY customer_sort_name, id LIMIT 50) g
    LEFT JOIN subscriptions_accesschange c ON c.grant_id = g.id AND c.settled_at IS NULL AND c.allowed
    ORDER BY g.customer_sort_name, g.id
"""
TOTAL = """
    SELECT count(*) FROM subscriptions_accessgrant
    WHERE reseller_id = %s AND subscription_id IS NULL AND ended_at IS NULL
"""


def people() -> tuple[User, User]:
    """Return an admin of the largest reseller, and one of its agents whose team works for every customer."""
    reseller = Reseller.objects.get(pk=LARGEST)
    admin = User.objects.create(email="admin@reseller-1.example", name="Admin", reseller=reseller)
    agent = User.objects.create(email="agent@reseller-1.example", name="Agent", reseller=reseller)
    RoleAssignment.objects.create(user=admin, role=Role.RESELLER_ADMIN)
    RoleAssignment.objects.create(user=agent, role=Role.RESELLER_AGENT)
    group = Group.objects.create(name="benchmark")
    Team.objects.create(reseller=reseller, name="Everybody", group=group)
    agent.groups.add(group)
    permission = DjangoPermission.objects.get(codename="work_for_customer")
    CustomerTeam.objects.bulk_create(
        (
            CustomerTeam(group=group, permission=permission, content_object_id=pk)
            for pk in Customer.objects.filter(access_grants__reseller=reseller).values_list("pk", flat=True)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return admin, agent


def raw(*statements: tuple[str, list[Any]]) -> list[Any]:
    """Run statements on the same connection with psycopg2 alone."""
    connection.ensure_connection()
    answers = []
    with connection.connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            answers.append(cursor.fetchall())
    return answers


def guardian_page(agent: User) -> tuple[list[Any], list[Any], int]:
    """Return the first page, its states and the total as django-guardian answers them, without numbers."""
    customers = customers_of(agent)
    page = list(customers.order_by("sort_name", "pk").values("pk", "name", "primary_domain")[:PAGE_SIZE])
    grants = AccessGrant.objects.filter(reseller=LARGEST, subscription=None, customer__in=[row["pk"] for row in page])
    return (
        page,
        list(grants.values("customer_id", "effective_from", "effective_until")),
        customers.count(),
    )


def deep_key(admin: User) -> tuple[str, int]:
    """Return the key of a row three quarters into the list."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_sort_name, id FROM subscriptions_accessgrant WHERE reseller_id = %s"
            " AND subscription_id IS NULL AND ended_at IS NULL ORDER BY 1, 2 OFFSET 15000 LIMIT 1",
            [admin.reseller_id],
        )
        [(name, pk)] = cursor.fetchall()
    return name, pk


def run() -> None:
    """Print both tables."""
    admin, agent = people()
    customer = Customer.objects.get(pk=4)
    floor = "raw psycopg2, the same minimal SQL (floor)"
    checks = {
        floor: lambda: raw((CHECK, [customer.pk, admin.pk])),
        "has_perm, a reseller admin": lambda: admin.has_perm(Permission.VIEW_CONSOLE, customer),
        "has_perm, an agent through a team": lambda: agent.has_perm(Permission.VIEW_CONSOLE, customer),
        "guardian: is the customer in get_objects_for_user": lambda: (
            customers_of(agent).filter(pk=customer.pk).exists()
        ),
    }
    assert admin.has_perm(Permission.VIEW_CONSOLE, customer)
    assert agent.has_perm(Permission.VIEW_CONSOLE, customer)
    table("One access check", alternately(checks, 2_000), floor)
    key = deep_key(admin)
    pages = {
        floor: lambda: raw((PAGE, [LARGEST]), (TOTAL, [LARGEST])),
        "customers_page, a reseller admin": lambda: customers_page(admin),
        "customers_page, an agent through a team": lambda: customers_page(agent),
        "customers_page, behind row 15,000": lambda: customers_page(admin, after=key),
        "customers_page, search": lambda: customers_page(admin, search="ab"),
        "guardian: get_objects_for_user, page and total": lambda: guardian_page(agent),
    }
    table(
        "First page of the largest reseller with total, states and numbers",
        alternately(pages, 100),
        floor,
    )
