"""The search of each console at 50,000 people and 100,000 customers: against raw psycopg2 on the same indexes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import connection

from accounts.authorisation import permissions_on
from accounts.directory.device_scope import devices_of
from accounts.directory.finding import first_devices, first_groups, first_organisations, first_people, first_units
from accounts.directory.group_members import groups_of
from accounts.models import Customer, RoleAssignment, User
from accounts.permissions import Permission
from accounts.roles import Role
from benchmarks.directory import CUSTOMER, fill
from benchmarks.measure import alternately, table
from benchmarks.reading import people as people_of_the_largest
from benchmarks.reading import raw
from subscriptions.access.finding import first_customers, of_product
from subscriptions.access.scope import subscriptions_in_console
from support.finding import first_cases
from support.scope import cases_visible_to

SHOWN = 6  # what a group below the field asks for: five and one more

# 200,000 people of other customers, whose names are in the same index; 20,000 devices and 2,000 groups of this one.
_MORE = """
    INSERT INTO accounts_orgunit (customer_id, parent_id, name, sort_name, description, approves_mobile_devices)
    SELECT id, NULL, '', '', '', false FROM accounts_customer WHERE id BETWEEN 1001 AND 3000;

    INSERT INTO accounts_user (password, email, name, sort_name, customer_id, is_vendor, org_unit_id, is_active,
        must_change_password, language, theme, time_zone)
    SELECT '!', 'other' || i || '@' || c.primary_domain, n.name, lower(n.name), c.id, false, u.id, true, false, '',
           'system', 'UTC'
    FROM generate_series(1, 200000) i
    CROSS JOIN LATERAL (SELECT initcap(substr(md5((i + 7)::text), 1, 6)) || ' '
        || initcap(substr(md5((i + 13)::text), 1, 8)) AS name) n
    JOIN accounts_customer c ON c.id = 1001 + i %% 2000 JOIN accounts_orgunit u ON u.customer_id = c.id;

    INSERT INTO accounts_device (customer_id, org_unit_id, kind, serial_number, model, os_version, status)
    SELECT %(customer)s, (SELECT min(id) FROM accounts_orgunit WHERE customer_id = %(customer)s), 'chromeos',
           upper(substr(md5(i::text), 1, 10)) || i, 'Chromebook ' || i %% 9, '', 'approved'
    FROM generate_series(1, 20000) i;

    INSERT INTO accounts_directorygroup (customer_id, email, name, sort_name, description, who_may_join, who_may_post,
        who_may_see_members)
    SELECT %(customer)s, 'group' || i || '@big.example', md5(i::text), md5(i::text), '', 'organisation',
           'organisation', 'organisation'
    FROM generate_series(1, 2000) i
"""
# The floor: the shown columns of the first rows of each group, by the same indexes.
_PEOPLE = """
    (SELECT u.id, u.name, u.sort_name, u.email FROM accounts_user u
     WHERE u.customer_id = %s AND u.deleted_at IS NULL AND u.purged_at IS NULL
       AND (u.sort_name LIKE %s OR u.email LIKE %s) ORDER BY u.sort_name, u.id LIMIT 6)
    UNION
    (SELECT u.id, u.name, u.sort_name, u.email FROM accounts_user u
     WHERE u.customer_id = %s AND u.deleted_at IS NULL AND u.purged_at IS NULL
       AND u.id IN (SELECT a.user_id FROM accounts_address a WHERE a.email LIKE %s AND a.user_id IS NOT NULL
                    ORDER BY a.email LIMIT 500)
     ORDER BY u.sort_name, u.id LIMIT 6)
    ORDER BY sort_name, id LIMIT 6
"""
_GROUPS = """
    SELECT id, name, email FROM accounts_directorygroup
    WHERE customer_id = %s AND (sort_name LIKE %s OR email LIKE %s) ORDER BY sort_name, id LIMIT 6
"""
_UNITS = """
    SELECT id, parent_id, name FROM accounts_orgunit
    WHERE customer_id = %s AND sort_name LIKE %s ORDER BY sort_name, id LIMIT 6
"""
_DEVICES = """
    SELECT d.id, d.serial_number, d.model, u.name FROM accounts_device d LEFT JOIN accounts_user u ON u.id = d.user_id
    WHERE d.customer_id = %s AND (d.serial_number LIKE %s OR upper(d.model) LIKE %s) ORDER BY d.id DESC LIMIT 6
"""
_SUBSCRIPTIONS = """
    SELECT s.id, k.name, s.status, r.name FROM subscriptions_subscription s
    JOIN subscriptions_sku k ON k.id = s.sku_id LEFT JOIN accounts_reseller r ON r.id = s.reseller_id
    WHERE s.customer_id = %s AND upper(k.name) LIKE %s ORDER BY s.id DESC LIMIT 6
"""
_CASES = """
    SELECT c.id, c.title, c.state, o.name FROM support_case c JOIN accounts_customer o ON o.id = c.customer_id
    WHERE c.customer_id = %s AND upper(c.title) LIKE %s ORDER BY c.id DESC LIMIT 6
"""
_CUSTOMERS = """
    SELECT c.id, c.name, c.primary_domain FROM {table} c
    WHERE c.sort_name LIKE %s OR c.primary_domain LIKE %s ORDER BY c.sort_name, c.id LIMIT 6
"""
_RELATIONS = """
    SELECT g.customer_id, g.customer_name, g.customer_domain FROM subscriptions_accessgrant g
    WHERE g.reseller_id = %s AND g.subscription_id IS NULL AND g.ended_at IS NULL
      AND (g.customer_sort_name LIKE %s OR g.customer_domain LIKE %s) ORDER BY g.customer_sort_name, g.id LIMIT 6
"""
LEAST = "raw psycopg2, the same minimal SQL (floor)"
TYPED = {"nothing found": "zzzz", "few": "a1b2", "many": "a1b"}


def run() -> None:
    """Print the tables."""
    if not User.objects.filter(customer=CUSTOMER).exists():
        fill()
    with connection.cursor() as cursor:
        cursor.execute(_MORE, {"customer": CUSTOMER})
        cursor.execute("VACUUM (ANALYZE)")
    reader, operator, admin, agent = made()
    customer, may = Customer(pk=CUSTOMER), permissions_on(reader, Customer(pk=CUSTOMER))
    for label, typed in TYPED.items():
        part = f"%{typed}%"
        show(
            f"People of a console with 50,000, {label}",
            partial(raw, (_PEOPLE, [CUSTOMER, part, part, CUSTOMER, f"{typed}%"])),
            {"first_people": partial(first_people, customer, may, typed, SHOWN)},
        )
        show(
            f"Customers of a reseller with 20,000, {label}",
            partial(raw, (_RELATIONS, [1, part, part])),
            {
                "first_customers, a reseller admin": partial(first_customers, admin, typed, SHOWN),
                "first_customers, an agent of a team": partial(first_customers, agent, typed, SHOWN),
            },
        )
        show(
            f"Customers of the market, 100,000, {label}",
            partial(raw, (_CUSTOMERS.format(table="accounts_customer"), [part, part])),
            {"first_organisations": partial(first_organisations, operator, Customer, typed, SHOWN)},
        )
        show(
            f"Everything a search asks, {label}",
            partial(console_floor, typed),
            {"a console": partial(console, reader, may, typed)},
        )


def made() -> tuple[User, User, User, User]:
    """Return a super admin, an operator, an admin of the largest reseller, an agent of a team with all of it."""
    reader = User.objects.filter(customer=CUSTOMER, is_active=True).earliest("pk")
    RoleAssignment.objects.get_or_create(user=reader, role=Role.SUPER_ADMIN)
    operator = User.objects.create(email="olga@vendor.example", name="Olga", is_vendor=True)
    for role in (Role.VENDOR_OPERATOR, Role.VENDOR_SUPPORT):
        RoleAssignment.objects.create(user=operator, role=role)
    known = User.objects.filter(email__in=["admin@reseller-1.example", "agent@reseller-1.example"]).order_by("email")
    admin, agent = list(known) or people_of_the_largest()[:2]
    return reader, operator, admin, agent


def console(person: User, may: frozenset[Permission], typed: str) -> list[object]:
    """Answer what the search of a console asks; all but the guard and the template."""
    customer = Customer(pk=CUSTOMER)
    bought = subscriptions_in_console(person, customer, may).filter(of_product(typed))
    return [
        first_people(customer, may, typed, SHOWN),
        first_groups(groups_of(customer), typed, SHOWN),
        first_units(customer, typed, SHOWN),
        first_devices(devices_of(customer), typed, SHOWN),
        list(bought.select_related("sku", "reseller").order_by("-pk")[:SHOWN]),
        first_cases(cases_visible_to(person), typed, SHOWN),
    ]


def console_floor(typed: str) -> list[object]:
    part, upper = f"%{typed}%", f"%{typed.upper()}%"
    return raw(
        (_PEOPLE, [CUSTOMER, part, part, CUSTOMER, f"{typed}%"]),
        (_GROUPS, [CUSTOMER, part, part]),
        (_UNITS, [CUSTOMER, part]),
        (_DEVICES, [CUSTOMER, upper, upper]),
        (_SUBSCRIPTIONS, [CUSTOMER, upper]),
        (_CASES, [CUSTOMER, upper]),
    )


def show(title: str, floor: Callable[[], object], ways: dict[str, Callable[[], object]]) -> None:
    """Print one table."""
    table(title, alternately({LEAST: floor, **ways}, 40), LEAST)
