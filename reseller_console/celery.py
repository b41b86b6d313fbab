from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_console.settings")

app = Celery("reseller_console")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
