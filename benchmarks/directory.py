"""The list of users of one customer with 50,000 people: against raw psycopg2 with the same minimal SQL."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.http import QueryDict

from accounts.authorisation import permissions_on
from accounts.directory.scope import people_in_console, roles_held
from accounts.directory.tree import tree_of
from accounts.keyset import Place
from accounts.models import Customer, RoleAssignment, User
from accounts.roles import Role
from benchmarks.generate import BIG
from benchmarks.measure import alternately, table
from benchmarks.reading import raw
from web.console.forms.users_filter import UsersFilter

CUSTOMER = BIG
PEOPLE = 50_000
DEEP = 37_500  # three quarters into the list

_FILL = """
    INSERT INTO accounts_orgunit (customer_id, parent_id, name, sort_name, description, approves_mobile_devices)
    VALUES (%(customer)s, NULL, '', '', '', false);

    INSERT INTO accounts_orgunit (customer_id, parent_id, name, sort_name, description)
    SELECT %(customer)s, o.id, 'Unit ' || i, 'unit ' || i, ''
    FROM accounts_orgunit o CROSS JOIN generate_series(1, 200) i WHERE o.customer_id = %(customer)s;

    INSERT INTO accounts_user (password, email, name, sort_name, customer_id, is_vendor, org_unit_id, is_active,
        suspended_at, must_change_password, language, theme, time_zone, last_login)
    SELECT '!', 'person' || i || '@big.example', name, lower(name), %(customer)s, false, u.id, i %% 50 <> 0,
           CASE WHEN i %% 50 = 0 THEN now() END, false, '', 'system', 'UTC',
           CASE WHEN i %% 7 <> 0 THEN now() - i * interval '1 minute' END
    FROM (SELECT i, initcap(substr(md5(i::text), 1, 6)) || ' ' || initcap(substr(md5((i + 1)::text), 1, 8)) AS name
          FROM generate_series(1, %(people)s) i) p
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_orgunit WHERE customer_id = %(customer)s) u
      ON u.n = p.i %% 201 + 1;

    INSERT INTO accounts_address (email, user_id)
    SELECT email, id FROM accounts_user WHERE customer_id = %(customer)s;

    INSERT INTO accounts_roleassignment (user_id, role)
    SELECT id, 'auditor' FROM accounts_user WHERE customer_id = %(customer)s AND id %% 500 = 0
"""

# The floor: the columns that the page shows and the roles of its rows, in the order of an index, and the total.
_ROWS = """
    SELECT u.id, u.name, u.email, u.is_active, u.deleted_at, u.last_login, u.org_unit_id,
           (SELECT array_agg(r.role) FROM accounts_roleassignment r WHERE r.user_id = u.id)
    FROM accounts_user u
    WHERE u.customer_id = %s AND u.deleted_at IS NULL AND u.purged_at IS NULL AND {condition}
    ORDER BY u.sort_name, u.id LIMIT 51
"""
_TOTAL = """
    SELECT count(*) FROM accounts_user u
    WHERE u.customer_id = %s AND u.deleted_at IS NULL AND u.purged_at IS NULL AND {condition}
"""
_SEARCH = """(u.sort_name LIKE %s OR u.email LIKE %s
    OR u.id IN (SELECT a.user_id FROM accounts_address a WHERE a.email LIKE %s))"""
# What the filters offer.
_SKUS = """
    SELECT DISTINCT k.id, k.name FROM subscriptions_subscription s JOIN subscriptions_sku k ON k.id = s.sku_id
    WHERE s.customer_id = %s ORDER BY k.name
"""
_UNITS = "SELECT id, parent_id, name FROM accounts_orgunit WHERE customer_id = %s ORDER BY sort_name, id"


def fill() -> tuple[Customer, User]:
    """Make the directory, and a super admin of it."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"customer": CUSTOMER, "people": PEOPLE})
        cursor.execute("VACUUM (ANALYZE)")
    customer = Customer.objects.get(pk=CUSTOMER)
    admin = User.objects.filter(customer=customer, is_active=True).earliest("pk")
    RoleAssignment.objects.create(user=admin, role=Role.SUPER_ADMIN)
    return customer, admin


def page(admin: User, customer: Customer, query: str = "", at: Place | None = None) -> tuple[list[Any], int]:
    """Answer what the page asks: units, SKUs, rows with their roles, total; all but the guard and the template.

    The guard has loaded the person and its roles before; so are those of `admin`.
    """
    may = permissions_on(admin, customer)
    tree = tree_of(customer)
    form = UsersFilter(QueryDict(query), viewer=admin, customer=customer, permissions=may, tree=tree)
    people = form.filtered(people_in_console(customer, may))
    rows = form.page(people, at or Place("users")).rows
    roles = roles_held(rows)
    return [(row.name, row.email, roles[row.pk]) for row in rows], people.count()


def floor(condition: str = "true", params: tuple[Any, ...] = (), *, deep: tuple[str, int] | None = None) -> list[Any]:
    """Answer the same with four statements by hand."""
    behind = f"{condition} AND (u.sort_name, u.id) > (%s, %s)" if deep else condition
    return raw(
        (_UNITS, [CUSTOMER]),
        (_SKUS, [CUSTOMER]),
        (_ROWS.format(condition=behind), [CUSTOMER, *params, *(deep or ())]),
        (_TOTAL.format(condition=condition), [CUSTOMER, *params]),
    )


def run() -> None:
    """Print the tables."""
    customer, admin = fill()
    names = User.objects.filter(customer=customer).order_by("sort_name", "pk").values_list("sort_name", "pk")
    deep = names[DEEP]
    rows, total = page(admin, customer)
    assert (len(rows), total) == (50, PEOPLE)
    searches = {"few": "abc1", "many": "a1"}
    least = "raw psycopg2, the same minimal SQL (floor)"
    table(
        f"First page of {PEOPLE:,} users, with units, roles and total",
        alternately({least: floor, "the page": lambda: page(admin, customer)}, 60),
        least,
    )
    table(
        f"The page behind row {DEEP:,}",
        alternately(
            {
                least: lambda: floor(deep=deep),
                "the page": lambda: page(admin, customer, at=Place("users", after=deep)),
                "the page, latest sign-in first": lambda: page(admin, customer, "order=-sign-in"),
            },
            60,
        ),
        least,
    )
    for label, text in searches.items():
        params = (f"%{text}%", f"%{text}%", f"{text}%")
        found = page(admin, customer, f"q={text}")
        ways: dict[str, Callable[[], object]] = {
            least: partial(floor, _SEARCH, params),
            "the page": partial(page, admin, customer, f"q={text}"),
        }
        table(f"Searched, {label} matches ({found[1]:,})", alternately(ways, 30), least)
