"""Which agents and teams of a reseller work for which customers (P4): the only module that knows django-guardian."""

from __future__ import annotations

from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

from accounts.models import Customer, User

WORK_FOR_CUSTOMER = "accounts.work_for_customer"


def customers_of(user: User) -> QuerySet[Customer]:
    """Return the customers that were assigned to this person or to one of its teams."""
    return get_objects_for_user(
        user, WORK_FOR_CUSTOMER, Customer, with_superuser=False, accept_global_perms=False
    )


def works_for_sql(customer: str, user: str) -> str:
    """Return the same as an SQL condition for hot paths; `customer` and `user` are columns or placeholders."""
    return f"""(
        EXISTS (SELECT 1 FROM accounts_customeragent ca WHERE ca.customer_id = {customer} AND ca.user_id = {user})
        OR EXISTS (
            SELECT 1 FROM accounts_customerteam ct
            JOIN accounts_user_groups ug ON ug.group_id = ct.group_id
            WHERE ct.customer_id = {customer} AND ug.user_id = {user}
        )
    )"""  # noqa: S608  names of columns, never what a person typed
