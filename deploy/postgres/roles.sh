#!/bin/sh
# Makes the three roles that the console connects as, or brings what is there to them; run again, it changes nothing.
#
# The image of PostgreSQL runs it when its volume is new. Afterwards, and for a volume of an earlier release:
#     docker compose exec postgres sh /docker-entrypoint-initdb.d/roles.sh
# For a server of your own, as its administrator:
#     POSTGRES_URL=postgresql://postgres@host/console POSTGRES_OWNER_PASSWORD=… POSTGRES_APP_PASSWORD=… \
#         POSTGRES_SEALER_PASSWORD=… sh roles.sh
# Passwords that are not given stay as they are. Needs psql 15 or newer.
set -eu
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction --output /dev/null \
    --file "$(dirname "$0")/sql/roles.sql" "${POSTGRES_URL:-dbname=${POSTGRES_DB:-} user=${POSTGRES_USER:-}}"
