#!/bin/sh
# Lists the groups whose names begin so, by address: KEY=acme.json PERSON=ana@acme.example ./groups.sh Sales
set -eu
server=$(jq -r .token_uri "$KEY" | sed 's|/token$||')
token=$("$(dirname "$0")/token.sh" admin.directory.group.readonly)
answer=$(curl --fail-with-body --silent --show-error --compressed --get "$server/admin/directory/v1/groups" \
    --header "Authorization: Bearer $token" --data-urlencode customer=my_customer \
    --data-urlencode "query=name:'$1'*" --data-urlencode 'fields=groups(email,name)') || { echo "$answer" >&2; exit 1; }
echo "$answer" | jq -r '.groups[]? | "\(.email)\t\(.name)"'
