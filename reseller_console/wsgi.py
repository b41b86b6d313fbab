from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from reseller_console.input import readable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_console.settings")

application = readable(get_wsgi_application())

# The web server runs no checks by itself.
from reseller_console.checks import refuse_powerful_role, refuse_unsafe_settings  # noqa: E402  read the settings

refuse_unsafe_settings(is_web=True)
refuse_powerful_role()
