"""Asks a name server for the TXT record of a domain (P9)."""

from __future__ import annotations

from typing import Final

import dns.exception
import dns.name
import dns.resolver
from dns.rdatatype import TXT

from accounts.models.domains import LookAnswer
from accounts.name_servers import resolver

# Seconds for all that one look asks: of a name server that says nothing, and of each that it refers to.
TIME_LIMIT: Final = 5.0


def find_record(name: str, value: str) -> LookAnswer:
    """Look for a TXT record with exactly this value.

    A name server that is away or refuses to answer says nothing about the record: SILENT.
    """
    try:
        asked = dns.name.from_text(f"{name}.")
    except dns.exception.DNSException:  # longer than a name can be, with the label in front of the domain
        return LookAnswer.NONE
    try:
        # Whole names only: no search list of this machine, and each look asks again.
        answer = resolver().resolve(asked, TXT, lifetime=TIME_LIMIT, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return LookAnswer.NONE
    except (dns.exception.DNSException, OSError):
        return LookAnswer.SILENT
    found = {b"".join(record.strings).strip() for record in answer}
    return LookAnswer.FOUND if value.encode() in found else LookAnswer.OTHER
