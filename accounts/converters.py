from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class DomainConverter(StringConverter):
    """A canonical domain name in an address: `<domain:domain>`.

    It lets through what the database holds and nothing else, so that no NUL byte or stray letter reaches a query.
    Importing this module registers it.
    """

    regex = r"[a-z0-9.-]{1,253}"


register_converter(DomainConverter, "domain")
