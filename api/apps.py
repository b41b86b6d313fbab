from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from django.apps import AppConfig

import api

# These serve no methods by their ids.
_OTHERS = ("api.core", "api.scim", "api.apps")


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        """Import the modules of every API: each notes the methods that it serves (api/core/methods.py)."""
        for module in walk_packages(api.__path__, "api."):
            if not module.name.startswith(_OTHERS):
                import_module(module.name)
