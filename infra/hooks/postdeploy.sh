#!/usr/bin/env bash
# After the code was sent: ask the monitor for a check, until it answers. A new role takes Azure up to half an hour.
#
# Exit status as that of `check`: 0 passed or with warnings, 2 failed, 1 where it could not be known.
set -euo pipefail
: "${AZURE_RESOURCE_GROUP:?}" "${MONITOR_APP:?}" "${MONITOR_URL:?}"
WAIT="${MONITOR_WAIT_SECONDS:-1800}" PAUSE="${MONITOR_PAUSE_SECONDS:-20}" # in all, and between two questions
answer="$(mktemp -d)"
trap 'rm -rf "$answer"' EXIT
url="$MONITOR_URL/api/verify${MONITOR_VERIFY_TARGET:+?target=$MONITOR_VERIFY_TARGET}"
page="$MONITOR_URL/api/status"

ask() { # URL: prints the status, keeps body and headers; the key is in no argument, which others could see
  printf 'header = "x-functions-key: %s"\n' "$key" |
    curl --config - --silent --show-error --max-time 240 --output "$answer/body" --dump-header "$answer/headers" \
      --write-out '%{http_code}' "$1" 2>"$answer/error" || echo 000
}

header() { # name: its value in the last answer
  tr -d '\r' <"$answer/headers" | awk -v name="$1:" 'tolower(substr($0, 1, length(name))) == name {
    value = substr($0, length(name) + 1); sub(/^ +/, "", value) } END { print value }'
}

said=
while :; do
  key="$(az functionapp keys list ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --resource-group "$AZURE_RESOURCE_GROUP" --name "$MONITOR_APP" \
    --query functionKeys.default --output tsv 2>"$answer/error")" || key=
  status=000
  : >"$answer/headers"
  : >"$answer/body"
  [ -z "$key" ] || status="$(ask "$url")"
  while [ "$status" = 202 ]; do
    next="$(header location)"
    case "$next" in "$MONITOR_URL"/*) ;; *) break ;; esac # the key goes to nobody else
    sleep "$PAUSE"
    status="$(ask "$next")"
  done
  verdict="$(header x-migration-verdict)"
  # Before the roles have arrived the host answers, and not the monitor; then there is no verdict.
  [ -z "$verdict" ] || break
  if [ "$status" = 400 ]; then
    cat "$answer/body" >&2
    echo >&2
    echo "migration monitor: it runs. Say which target to ask for: azd env set MONITOR_VERIFY_TARGET NAME" >&2
    exit 1
  fi
  if [ "$SECONDS" -ge "$WAIT" ]; then
    cat "$answer/error" >&2
    echo "migration monitor: no answer in $WAIT seconds; the last was $status. Look at $MONITOR_APP's log stream." >&2
    exit 1
  fi
  [ -n "$said" ] || cat "$answer/error" >&2
  [ -n "$said" ] || echo "Waiting for the monitor: new roles take Azure some minutes …" >&2
  said=yes
  sleep "$PAUSE"
done

echo "Verdict: $verdict"
echo "Page:    $page"
echo "Key for pipelines: az functionapp keys list -g $AZURE_RESOURCE_GROUP -n $MONITOR_APP --query functionKeys.default -o tsv"
case "$verdict" in
  passed | warning) exit 0 ;;
  failed) exit 2 ;;
  *) exit 1 ;;
esac
