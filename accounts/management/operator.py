"""What the commands for operators share: how organisations, people and roles are named on the command line.

There is no Django admin on purpose: it would write past the verbs, and so past the audit log (A1).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accounts.directory.addresses import person_at
from accounts.domains import canonical_domain, canonical_email
from accounts.errors import Refused
from accounts.locking import is_busy
from accounts.models import Customer, Reseller, User
from accounts.organisations import VENDOR, Organisation
from accounts.roles import Role

DESPITE_ADDRESSES = "Also where others have addresses at this domain: they keep them, and get no more there."


class OperatorCommand(BaseCommand):
    """Calls one verb as the system itself; a refusal names the argument and what is wrong with it."""

    # What its command line takes.
    takes: ClassVar[tuple[Callable[[CommandParser], None], ...]] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        for take in self.takes:
            take(parser)

    @abstractmethod
    def run(self, **options: Any) -> str:
        """Call the verb; return what was done, in words. Raises Refused."""

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            done = self.run(**options)
        except Refused as refused:
            raise CommandError(f"{refused.field}: {refused.message}" if refused.field else refused.message) from refused
        except DatabaseError as error:
            if not is_busy(error):
                raise
            raise CommandError("Another person is changing the same. Nothing was done: try again.") from error
        self.stdout.write(done)


def add_person(parser: CommandParser) -> None:
    """Take the e-mail address of a person who exists."""
    parser.add_argument("email", help="E-mail address of the person.")


def add_role(parser: CommandParser) -> None:
    """Take a role."""
    parser.add_argument("role", choices=Role.values, metavar="role", help=f"One of: {', '.join(Role.values)}.")


def add_reseller(parser: CommandParser) -> None:
    """Take the domain of a reseller."""
    parser.add_argument("reseller", metavar="domain", help="Primary domain of the reseller.")


def add_domain(parser: CommandParser) -> None:
    """Take the name of a domain."""
    parser.add_argument("name", help="The domain.")


def add_reason(parser: CommandParser) -> None:
    """Take the reason, which the organisation reads in its audit log."""
    parser.add_argument("--reason", required=True, help="Why; the organisation reads it in its log.")


def add_organisation(parser: CommandParser) -> None:
    """Take the one organisation a person belongs to (P1)."""
    organisation = parser.add_mutually_exclusive_group(required=True)
    organisation.add_argument("--customer", metavar="DOMAIN", help="Primary domain of the customer.")
    organisation.add_argument("--reseller", metavar="DOMAIN", help="Primary domain of the reseller.")
    organisation.add_argument("--vendor", action="store_true", help="The person works for the vendor.")


def person(email: str) -> User:
    """Return the person with an address in any spelling, their own or an alias. Raises Refused."""
    try:
        address = canonical_email(email)
    except ValidationError as error:
        raise Refused.because(error, "email") from error
    found = person_at(address)
    if found is None:
        raise Refused(f"Nobody has the address {address}.", "email", reason="notFound")
    return found


def customer(domain: str) -> Customer:
    """Return the customer with a primary domain in any spelling. Raises Refused."""
    found = Customer.objects.filter(primary_domain=_domain(domain, "customer")).first()
    if found is None:
        raise Refused(f"No customer has the domain {domain}.", "customer", reason="notFound")
    return found


def reseller(domain: str) -> Reseller:
    """Return the reseller with a primary domain in any spelling. Raises Refused."""
    found = Reseller.objects.filter(primary_domain=_domain(domain, "reseller")).first()
    if found is None:
        raise Refused(f"No reseller has the domain {domain}.", "reseller", reason="notFound")
    return found


def organisation(options: dict[str, Any]) -> Organisation:
    """Return the organisation that add_organisation() took. Raises Refused."""
    if options["customer"]:
        return customer(options["customer"])
    return reseller(options["reseller"]) if options["reseller"] else VENDOR


def said_link(link: str) -> str:
    """Return the words around a link for a password; the link stands alone in the last line."""
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return f"Link for a password, valid once and for {hours} hours:\n{link}"


def _domain(text: str, field: str) -> str:
    try:
        return canonical_domain(text)
    except ValidationError as error:
        raise Refused.because(error, field) from error
