"""Management commands as an operator runs them."""

from __future__ import annotations

import io

from django.core.management import call_command


def run(name: str, *args: str) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()
