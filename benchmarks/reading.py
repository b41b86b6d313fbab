"""One access check, and the first page of the largest reseller: against raw psycopg2 and against django-guardian."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection
from django.utils import timezone

from accounts.keyset import PAGE_SIZE
from accounts.models import ConsoleSession, Customer, CustomerTeam, Reseller, RoleAssignment, Team, User
from accounts.models.entries import EndReason
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.staffing import customers_of
from benchmarks.measure import alternately, table
from subscriptions.access.customer_filter import EXTENTS, AccessFilter, CustomerFilter, SoldFilter
from subscriptions.access.customers_page import customers_page
from subscriptions.models import AccessGrant
from subscriptions.reseller_figures import access_figures, sold_figures

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


# The home page of a reseller: every relation with its state, what waits and whether it was used; what ends; seats.
FIGURES = """
    SELECT g.effective_from, g.effective_until, c.due_at, u.customer_id
    FROM subscriptions_accessgrant g
    LEFT JOIN subscriptions_accesschange c ON c.grant_id = g.id AND c.settled_at IS NULL AND c.allowed
    LEFT JOIN (SELECT DISTINCT customer_id FROM accounts_consolesession WHERE reseller_id = %s) u
      ON u.customer_id = g.customer_id
    WHERE g.reseller_id = %s AND g.subscription_id IS NULL AND g.ended_at IS NULL
"""
ENDING = """
    SELECT count(*) FROM subscriptions_subscription
    WHERE reseller_id = %s AND status = 'ACTIVE' AND ends_at > now() AND ends_at <= now() + interval '60 days'
"""
SUSPENDED = "SELECT count(*) FROM subscriptions_subscription WHERE reseller_id = %s AND status = 'SUSPENDED'"
SEATS = """
    SELECT date_trunc('month', ordered_at), sum(number_of_seats)
    FROM subscriptions_subscription WHERE reseller_id = %s GROUP BY 1
"""
NEVER_USED = """
    SELECT count(*) FROM subscriptions_accessgrant g
    WHERE g.reseller_id = %s AND g.subscription_id IS NULL AND g.ended_at IS NULL AND g.effective_from <= now()
      AND (g.effective_until IS NULL OR g.effective_until > now()) AND NOT EXISTS (
        SELECT 1 FROM accounts_consolesession u WHERE u.reseller_id = %s AND u.customer_id = g.customer_id)
"""


def people() -> tuple[User, User, User]:
    """Return an admin of the largest reseller, and two agents whose teams have every customer: by rows, by the flag."""
    reseller = Reseller.objects.get(pk=LARGEST)
    admin = User.objects.create(email="admin@reseller-1.example", name="Admin", reseller=reseller)
    agent = User.objects.create(email="agent@reseller-1.example", name="Agent", reseller=reseller)
    RoleAssignment.objects.create(user=admin, role=Role.RESELLER_ADMIN)
    flagged = User.objects.create(email="flagged@reseller-1.example", name="Flagged", reseller=reseller)
    for person in (agent, flagged):
        RoleAssignment.objects.create(user=person, role=Role.RESELLER_AGENT)
    group = Group.objects.create(name="benchmark")
    Team.objects.create(reseller=reseller, name="Everybody", group=group)
    agent.groups.add(group)
    team = Team.objects.create(
        reseller=reseller, name="For all", group=Group.objects.create(name="flag"), works_for_all=True
    )
    flagged.groups.add(team.group_id)
    permission = DjangoPermission.objects.get(codename="work_for_customer")
    CustomerTeam.objects.bulk_create(
        (
            CustomerTeam(group=group, permission=permission, content_object_id=pk)
            for pk in Customer.objects.filter(access_grants__reseller=reseller).values_list("pk", flat=True)
        ),
        batch_size=5_000,
    )
    # Two of three consoles were entered, each three times.
    entered = [
        pk for pk in Customer.objects.filter(access_grants__reseller=reseller).values_list("pk", flat=True) if pk % 3
    ]
    over = {"ended_at": timezone.now(), "ended_because": EndReason.LEFT}
    ConsoleSession.objects.bulk_create(
        (
            ConsoleSession(customer_id=pk, reseller=reseller, agent=agent, session_key=str(number), **over)
            for pk in entered
            for number in range(3)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return admin, agent, flagged


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
    admin, agent, flagged = people()
    customer = Customer.objects.get(pk=4)
    floor = "raw psycopg2, the same minimal SQL (floor)"
    checks = {
        floor: lambda: raw((CHECK, [customer.pk, admin.pk])),
        "has_perm, a reseller admin": lambda: admin.has_perm(Permission.VIEW_CONSOLE, customer),
        "has_perm, an agent through a team": lambda: agent.has_perm(Permission.VIEW_CONSOLE, customer),
        "has_perm, an agent of a team for all": lambda: flagged.has_perm(Permission.VIEW_CONSOLE, customer),
        "guardian: is the customer in get_objects_for_user": lambda: (
            customers_of(agent).filter(pk=customer.pk).exists()
        ),
    }
    assert admin.has_perm(Permission.VIEW_CONSOLE, customer)
    assert agent.has_perm(Permission.VIEW_CONSOLE, customer)
    assert flagged.has_perm(Permission.VIEW_CONSOLE, customer)
    table("One access check", alternately(checks, 2_000), floor)
    key = deep_key(admin)
    pages = {
        floor: lambda: raw((PAGE, [LARGEST]), (TOTAL, [LARGEST])),
        "customers_page, a reseller admin": lambda: customers_page(admin),
        "customers_page, an agent through a team": lambda: customers_page(agent),
        "customers_page, an agent of a team for all": lambda: customers_page(flagged),
        "customers_page, behind row 15,000": lambda: customers_page(admin, after=key),
        "customers_page, search": lambda: customers_page(admin, search="ab"),
        "guardian: get_objects_for_user, page and total": lambda: guardian_page(agent),
    }
    table(
        "First page of the largest reseller with total, states and numbers",
        alternately(pages, 100),
        floor,
    )
    filtered(admin)
    home(admin, agent)


def filtered(admin: User) -> None:
    """Print the table of the list with a filter."""
    floor = "raw psycopg2, page and total of those never used (floor)"
    customer_filters = {str(choice.value): CustomerFilter(access=choice) for choice in AccessFilter}
    customer_filters |= {str(choice.value): CustomerFilter(sold=choice) for choice in SoldFilter}
    customer_filters |= {f"level or end {value}": CustomerFilter(extent=value) for value, _label in EXTENTS}
    pages: dict[str, Callable[[], object]] = {
        floor: lambda: raw((PAGE, [LARGEST]), (NEVER_USED, [LARGEST, LARGEST])),
        **{
            f"customers_page, {name}": partial(customers_page, admin, customer_filter=n)
            for name, n in customer_filters.items()
        },
    }
    table("The same list, filtered", alternately(pages, 30), floor)


def home(admin: User, agent: User) -> None:
    """Print the table of the home page's figures."""
    floor = "raw psycopg2, states, ends, suspended and seats (floor)"
    states, ends = (FIGURES, [LARGEST, LARGEST]), [(ENDING, [LARGEST]), (SUSPENDED, [LARGEST]), (SEATS, [LARGEST])]
    ways = {
        floor: lambda: raw(states, *ends),
        "  of it the states": lambda: raw(states),
        "  of it the seats": lambda: raw((SEATS, [LARGEST])),
        "access_figures, a reseller admin": lambda: access_figures(admin),
        "access_figures, an agent through a team": lambda: access_figures(agent),
        "sold_figures, a reseller admin": lambda: sold_figures(admin),
        "sold_figures, an agent through a team": lambda: sold_figures(agent),
        "both, a reseller admin": lambda: (access_figures(admin), sold_figures(admin)),
        "both, an agent through a team": lambda: (access_figures(agent), sold_figures(agent)),
    }
    table("Figures of the home page of the largest reseller", alternately(ways, 30), floor)
