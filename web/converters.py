from __future__ import annotations

from django.core.exceptions import ValidationError
from django.urls import register_converter
from django.urls.converters import StringConverter

from accounts.domains import canonical_domain


class DomainConverter(StringConverter):
    """A domain name in a URL, in any spelling that people type: `<domain:domain>`.

    The view gets the canonical one, which is what the database holds; what is no domain name is no page. So no NUL
    byte and no stray letter reaches a query. Importing this module registers it.
    """

    regex = "[^/]{1,1000}"

    def to_python(self, value: str) -> str:
        try:
            return canonical_domain(value)
        except ValidationError as error:
            raise ValueError(value) from error


register_converter(DomainConverter, "domain")
