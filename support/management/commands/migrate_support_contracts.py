"""Moves support contracts to the Customer Care Portal (S9)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.background.pieces import in_pieces
from accounts.clock import database_now
from accounts.domains import typed_domain
from accounts.models import Customer
from support.migration import Move, migrate_customer, migrate_due_customers, plan_of, schedule_migration
from support.schedule import due_by, has_moved, moves_on


class Command(BaseCommand):
    help = (
        "Move the support contracts of customers to the Customer Care Portal, on or after their day. "
        "Safe to repeat and to interrupt: each customer is moved whole or not at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customer", metavar="DOMAIN", help="only the customer with this primary domain")
        parser.add_argument("--dry-run", action="store_true", help="say what would be moved, and change nothing")
        parser.add_argument(
            "--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="give the customer this day of its own first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["day"] and (not options["customer"] or options["dry_run"]):
            raise CommandError("--day needs --customer, and is no dry run")
        if options["customer"]:
            self._one(options["customer"], day=options["day"], dry_run=options["dry_run"])
        else:
            self._all(dry_run=options["dry_run"])

    def _all(self, *, dry_run: bool) -> None:
        moves: Iterable[Move]
        if dry_run:
            plans = (plan_of(customer) for customer in in_pieces(due_by(database_now().date())))
            moves = (plan for plan in plans if plan)
        else:
            moves = migrate_due_customers()
        number = 0
        for move in moves:
            self._say(move, dry_run=dry_run)
            number += 1
        self.stdout.write(f"{number} customers {'would be ' if dry_run else ''}moved")

    def _one(self, domain: str, *, day: date | None, dry_run: bool) -> None:
        customer = Customer.objects.filter(primary_domain=typed_domain(domain)).first()
        if customer is None:
            raise CommandError(f"no customer has the primary domain {domain}")
        if has_moved(customer):
            self.stdout.write(f"{domain}: has moved already")
            return
        if day:
            schedule_migration(actor=None, customer=customer, day=day)
        if moves_on(customer) > database_now().date():
            self.stdout.write(f"{domain}: moves on {moves_on(customer)}, not before")
            return
        move = plan_of(customer) if dry_run else migrate_customer(actor=None, customer=customer)
        if move:
            self._say(move, dry_run=dry_run)

    def _say(self, move: Move, *, dry_run: bool) -> None:
        self.stdout.write(
            f"{move.customer.primary_domain}: {'would move' if dry_run else 'moved'} {move.contracts} contracts, "
            f"{move.pending} requests stay open, {move.managers} support managers go on as support"
        )
