"""Settings of Celery that no installation changes; imported by `settings.py`."""

from __future__ import annotations

CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Seconds. A page that nudges a worker waits this long at most for a broker that does not answer.
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry_on_timeout": False,
    # One try, no pause: by default kombu tries for 6 s while someone waits for the page.
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "visibility_timeout": 600,
    # Seconds. A worker asks with BRPOP; one that waits twice this long for the answer takes a new connection. A server
    # that is frozen or cut off says nothing, and the primary is another one by then.
    "health_check_interval": 5,
}
# The row is the work and the message only a nudge: a lost one is found by the sweep, so none is retried.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# Seconds until a pool process is ended at one task. A turn takes about two, and no statement more than 60.
CELERY_TASK_TIME_LIMIT = 5 * 60
# Keeps its times in memory, by a clock that nobody sets.
CELERY_BEAT_SCHEDULER = "reseller_console.scheduler:Scheduler"
