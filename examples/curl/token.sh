#!/bin/sh
# Prints a token: KEY=acme.json PERSON=ana@acme.example ./token.sh admin.directory.group.readonly
# Needs openssl, jq and curl. A token works for an hour; nothing of it is kept in the key's file.
set -eu
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

now=$(date +%s)
scopes=$(for scope in "$@"; do printf 'https://www.googleapis.com/auth/%s ' "$scope"; done)
header=$(jq -c '{alg: "RS256", typ: "JWT", kid: .private_key_id}' "$KEY" | tr -d '\n' | base64url)
claims=$(jq -c --arg person "$PERSON" --arg scopes "${scopes% }" --argjson now "$now" \
    '{iss: .client_email, sub: $person, scope: $scopes, aud: .token_uri, iat: $now, exp: ($now + 3600)}' "$KEY" |
    tr -d '\n' | base64url)
private=$(mktemp)
trap 'rm -f "$private"' EXIT
jq -r .private_key "$KEY" >"$private"
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -sign "$private" -binary | base64url)
answer=$(curl --fail-with-body --silent --show-error "$(jq -r .token_uri "$KEY")" \
    --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \
    --data-urlencode "assertion=$header.$claims.$signature") || { echo "$answer" >&2; exit 1; }
echo "$answer" | jq -r .access_token
