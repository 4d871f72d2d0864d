#!/usr/bin/env bash
# Deploy a release: check it, migrate in the job, give the app the new image, check what came of it.
#
#   RELEASE=v1.43.0 IMAGE=example.azurecr.io/api:v1.43.0 ./deploy.sh
#
# GROUP, APP and JOB name what is in Azure; MONITOR is the URL of the Functions app, MONITOR_KEY its function key, TARGET
# the name in the monitor's settings. Needs az (logged in) and curl.
set -euo pipefail
: "${RELEASE:?}" "${IMAGE:?}" "${GROUP:?}" "${APP:?}" "${JOB:?}" "${MONITOR:?}" "${MONITOR_KEY:?}" "${TARGET:?}"
PAUSE="${PAUSE:-5}" # seconds between two questions
answer="$(mktemp -d)"
trap 'rm -rf "$answer"' EXIT

ask() { # arguments of curl: prints the status, keeps body and headers
  curl --silent --show-error --output "$answer/body" --dump-header "$answer/headers" --write-out '%{http_code}' \
    -H "x-functions-key: $MONITOR_KEY" "$@" || echo 000
}

verify() { # phase, seconds to wait: fails where the monitor does not answer passed or warning (200)
  local status url
  status="$(ask -X POST "$MONITOR/api/verify" -H "Content-Type: application/json" \
    -d "{\"target\": \"$TARGET\", \"release\": \"$RELEASE\", \"phase\": \"$1\", \"wait_seconds\": $2}")"
  while [ "$status" = 202 ]; do # the wait outlasts the request: its answer is where Location says
    url="$(tr -d '\r' < "$answer/headers" | sed -n 's/^[Ll]ocation: *//p' | tail -n 1)"
    case "$url" in "$MONITOR"/*) ;; *) break ;; esac # the key goes to nobody else
    sleep "$PAUSE"
    status="$(ask "$url")"
  done
  cat "$answer/body" 2> /dev/null || true
  [ "$status" = 200 ]
}

stop() { # closes the monitor's deployment window
  echo "$1" >&2
  verify aborted 0 >&2 || true
  exit 1
}

verify before 0 || stop "$RELEASE must not be deployed: see above"

az containerapp job update --resource-group "$GROUP" --name "$JOB" --image "$IMAGE" --output none ||
  stop "the job did not take the image"
execution="$(az containerapp job start --resource-group "$GROUP" --name "$JOB" --query name --output tsv)" ||
  stop "the job did not start"
while :; do
  # What Azure does not answer once is asked again: the migration runs meanwhile.
  status="$(az containerapp job execution show --resource-group "$GROUP" --name "$JOB" \
    --job-execution-name "$execution" --query properties.status --output tsv)" || status=Unknown
  case "$status" in
    Succeeded) break ;;
    Failed | Stopped | Degraded) stop "the migrations did not finish ($status): migration-monitor check says how to go on" ;;
  esac
  sleep "$PAUSE"
done

az containerapp update --resource-group "$GROUP" --name "$APP" --image "$IMAGE" --output none ||
  stop "the app did not take the image; the migrations have run"
verify after 600
