"""To which IP addresses our own requests may go, where an organisation chose the URL."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

# Public by their numbers, but only a way to an address inside: IPv6 that carries IPv4.
_CARRIERS: Final = tuple(ip_network(text) for text in ("64:ff9b::/96", "2002::/16", "2001::/32"))


def is_permitted(address: IPv4Address | IPv6Address, inside: Collection[IPv4Network | IPv6Network]) -> bool:
    """Tell whether an address is on the public internet, or in one of the networks inside that a setting names."""
    carried = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = carried or address
    if any(address in network for network in inside):
        return True
    if isinstance(address, IPv6Address) and (address.is_reserved or address.is_site_local):
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _CARRIERS)
