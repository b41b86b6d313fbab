# Needs Python 3.11 or newer and make; everything else is put into .venv.
PYTHON ?= python3
PIP_COMPILE = uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header --python-version 3.11

.PHONY: help setup run reset manage test test-upgrade check format messages bench drill image lock

help:
	@echo "make run       start the demo: web, workers, scheduler, PostgreSQL and Valkey"
	@echo "make reset     throw the demo's data away"
	@echo "make manage ARGS=…  run a command of manage.py on the running demo: ARGS=\"demo_accounts\""
	@echo "make test      run every test"
	@echo "make test-upgrade  run the tests of the release before on the schema of this code"
	@echo "make check     format, lint, types, import contracts, templates, migrations, settings, translations"
	@echo "make format    bring code and templates into form"
	@echo "make messages  collect the texts to translate"
	@echo "make bench     measure speed against the raw database"
	@echo "make drill     kill, freeze and cut off machines under load, with Debian's Patroni, etcd, HAProxy and PgBouncer"
	@echo "make image     build the production image (docker, podman or buildah) as reseller-console:RELEASE"
	@echo "make lock      compile requirements.txt, requirements-dev.txt and requirements-documents.txt from pyproject.toml"

setup:
	@for python in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python3.14 python; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			exec "$$python" reseller_console/local/bootstrap.py; \
		fi; \
	done; \
	echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1

run: setup
	@exec .venv/bin/python -m reseller_console.local run

reset: setup
	@exec .venv/bin/python -m reseller_console.local reset

manage: setup
	@exec .venv/bin/python -m reseller_console.local manage $(ARGS)

test: setup
	@exec .venv/bin/python -m pytest -n 3 $(ARGS)

test-upgrade: setup
	@exec .venv/bin/python -m reseller_console.local upgrade

check: setup
	@exec .venv/bin/python -m reseller_console.local check

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/djade --target-version 5.2 $$(find templates -name '*.html')

messages: setup
	.venv/bin/python manage.py make_messages

bench: setup
	@exec .venv/bin/python -m benchmarks $(ARGS)

drill: setup
	@exec .venv/bin/python -m drill $(ARGS)

image:
	@ENGINE="$(ENGINE)" RELEASE="$(RELEASE)" deploy/image

lock:
	$(PIP_COMPILE) pyproject.toml -o requirements.txt
	$(PIP_COMPILE) --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(PIP_COMPILE) --no-deps --group documents -c requirements-dev.txt -o requirements-documents.txt
