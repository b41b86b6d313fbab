"""Locks that another transaction holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.extensions

from accounts.models import Customer
from tests.faults.crowd import another_session

Session = psycopg2.extensions.connection
LOCK = "SELECT FROM accounts_customer WHERE id = %s FOR NO KEY UPDATE"


@contextmanager
def held(customer: Customer) -> Iterator[Session]:
    """Someone else's transaction that holds the customer's lock and does nothing."""
    with another_session() as other:
        run(other, LOCK, customer.pk)
        yield other


def run(session: Session, sql: str, *parameters: object) -> None:
    with session.cursor() as cursor:
        cursor.execute(sql, parameters)
