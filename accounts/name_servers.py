"""The name servers that we ask: those of the setting DNS_RESOLVERS, or else those of this machine (P9)."""

from __future__ import annotations

import dns.nameserver
import dns.resolver
from django.conf import settings


def resolver() -> dns.resolver.Resolver:
    """Return what asks them. Each look asks again: nothing is kept from one to the next."""
    if not settings.DNS_RESOLVERS:
        return dns.resolver.Resolver()
    found = dns.resolver.Resolver(configure=False)
    found.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in settings.DNS_RESOLVERS]
    return found
