# One image for web, worker, scheduler and migrations: docker-compose.yml says which command each of them runs.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt requirements-documents.txt api/core/trimming.py /build/
# Only what the lock file names, each with its hash, and nothing that runs code of its own to be installed.
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r /build/requirements.txt
# The discovery documents of the APIs, out of a package of which the image keeps nothing else (docs/decisions/0047).
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --no-deps --target /build/client -r /build/requirements-documents.txt \
    && PYTHONPATH=/build/client python /build/trimming.py /build/documents

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=reseller_console.settings
# The files of cases, and the seals of the audit log; nothing else is written outside the database.
RUN groupadd --system --gid 10001 console \
    && useradd --system --uid 10001 --gid console --no-create-home --shell /usr/sbin/nologin console \
    && install --directory --owner=console --group=console /var/lib/reseller-console /var/lib/reseller-console/media /var/lib/reseller-console-seals
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
COPY --from=build /build/documents api/documents
# Owned by root: the process cannot change its own code.
RUN python manage.py compile_translations && python manage.py collectstatic --no-input --verbosity 0
USER console
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# Workers: WEB_CONCURRENCY, of a kind that loses no request when it ends. Heartbeats and what is counted in memory: a full
# or slow disk must not stop a worker. Seconds: a connection is kept longer than the front keeps it (deploy/nginx.conf).
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--config", "python:reseller_console.web_server", "--worker-class", "reseller_console.web_server.Worker", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--keep-alive", "75", "--no-control-socket", "reseller_console.wsgi"]
