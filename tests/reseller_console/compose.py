"""docker-compose.yml as Compose reads it."""

from __future__ import annotations

import re
from typing import Any

import compose_spec

from reseller_console.local import check, places

COMPOSE = (places.CHECKOUT / "docker-compose.yml").read_text()


SECRETS = {
    "SECRET_KEY": check.PRODUCTION["SECRET_KEY"],
    "ALLOWED_HOSTS": "console.example.com",
    "CONSOLE_URL": check.PRODUCTION["CONSOLE_URL"],
    "POSTGRES_PASSWORD": "4f1c9d0a7be2",
    "POSTGRES_OWNER_PASSWORD": "b81e02c64fd9",
    "POSTGRES_APP_PASSWORD": "71a5f3d8e06c",
    "POSTGRES_SEALER_PASSWORD": "c0d94be2167a",
    "REDIS_PASSWORD": "9a27e13c55d8",
    "AUDIT_SEAL_KEY": "MC4CAQAwBQYDK2VwBCIEIO2dl9Xi6sNV9m0if8iZe6o7xUEooJq5VsF0D7Z9s7Ey",
    "EMAIL_URL": "smtp+tls://mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "console@example.com",
    "VENDOR_DOMAINS": "vendor.example.com",
    "RELEASE": "7",
}


# What only one service is told, because nobody else may know it.
OF_ONE = {"AUDIT_SEAL_KEY": "sealer", "AUDIT_SEALS_STORAGE": "sealer", "DATABASE_SEALER_URL": "sealer"}
OURS = {"migrate", "partitions", "sealer", "web", "web-2", "worker", "mail-worker", "beat"}


def interpolated(variables: dict[str, str]) -> str:
    """The file as Compose reads it.

    `${A:?why}` must be given and not empty, `${A:-b}` is b unless it is given, `${A:+b}` is b if it is given.
    """

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, operator, rest = match[1], match[2], match[3]
        if operator == ":+":
            return rest if variables.get(name) else ""
        if given := variables.get(name):
            return given
        if operator == ":-":
            return rest or '""'
        raise LookupError(name)

    return re.sub(r"\$\$|\$\{(\w+)(:[?+-])([^}]*)\}", value, COMPOSE)


def services(**variables: str) -> dict[str, dict[str, Any]]:
    return loaded(interpolated({**SECRETS, **variables}))["services"]  # type: ignore[no-any-return]


def loaded(text: str | None = None) -> dict[str, Any]:
    compose = compose_spec.PyOptions(apply_merge=True).from_yaml(text or interpolated(SECRETS))
    compose.validate()
    return dict(compose.to_dict())
