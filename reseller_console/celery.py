from __future__ import annotations

import os

from celery import Celery
from celery.loaders.app import AppLoader

from reseller_console.checks import refuse_powerful_role, refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_console.settings")
# Celery would run all of Django's checks, which load every page, and drop what they say: a fifth of a start. The loader
# below asks ours.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


class Loader(AppLoader):
    """Starts the worker and the scheduler; like the web server, they run no checks by themselves."""

    def on_worker_init(self) -> None:
        refuse_unsafe_settings()
        refuse_powerful_role()


app = Celery("reseller_console", loader="reseller_console.celery:Loader")
app.config_from_object("django.conf:settings", namespace="CELERY")
# By its name: it is loaded when the applications are.
app.steps["consumer"].add("reseller_console.heart:HeartOfWorker")
app.autodiscover_tasks()
