"""The provider's process: makes its database and its people, and serves until it is ended.

PROVIDER_PEOPLE: their addresses as JSON, each with whether it is verified; PROVIDER_PORT: where it listens.
"""

from __future__ import annotations

import json
import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Write nothing."""


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.identity_provider.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    from allauth.account.models import EmailAddress  # noqa: PLC0415  needs the settings
    from django.contrib.auth.models import User  # noqa: PLC0415  the same

    for address, is_verified in json.loads(os.environ["PROVIDER_PEOPLE"]).items():
        person = User.objects.create_user(address, address, os.environ["PROVIDER_PASSWORD"])
        EmailAddress.objects.create(user=person, email=address, verified=is_verified, primary=True)
    make_server("", int(os.environ["PROVIDER_PORT"]), get_wsgi_application(), Server, Quiet).serve_forever()


if __name__ == "__main__":
    main()
