#!/usr/bin/env bash
# verify.sh before|after|aborted [RELEASE]: ask a monitor about a deployment, and wait for its answer.
# MONITOR_URL is https://…/api/verify, MONITOR_KEY its function key, MONITOR_TARGET the target, where there are several.
# MONITOR_WAIT: seconds to wait for what heals by itself. MONITOR_ON_UNKNOWN: fail (as it is without it) or warn.
# Exit status: 0 passed, 1 unknown, or the call is wrong, 2 failed. Needs bash and curl.
set -euo pipefail
umask 077

phase=${1:?give before, after or aborted}
release=${2:-}
url=${MONITOR_URL:?is https://…/api/verify}
wait=${MONITOR_WAIT:-0}
# Beside the wait, for a monitor that starts or cannot be reached.
patience=${MONITOR_PATIENCE:-300}
pause=${MONITOR_PAUSE:-5}
for text in "$phase" "$release" "${MONITOR_TARGET:-}" "${MONITOR_ID:-}" "$wait"; do
  [[ $text =~ ^[A-Za-z0-9._:/+@#=-]*$ ]] || { echo "verify.sh: this can be no part of the question: $text" >&2; exit 1; }
done

# The same id for each try: a monitor whose answer was lost gives the same one again.
id=${MONITOR_ID:-$(date +%s)-$$}/$phase
question="{\"phase\": \"$phase\", \"wait_seconds\": \"$wait\", \"id\": \"$id\""
question+=${MONITOR_TARGET:+", \"target\": \"$MONITOR_TARGET\""}${release:+", \"release\": \"$release\""}
question+="}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Not an argument, which `ps` would show.
printf 'header = "x-functions-key: %s"\n' "${MONITOR_KEY:-}" > "$work/key"

ask() {
  : > "$work/headers"; : > "$work/answer"
  status=$(curl --silent --show-error --max-time 240 --config "$work/key" --dump-header "$work/headers" \
    --output "$work/answer" --write-out '%{http_code}' "$@") || true
}
header() {
  tr -d '\r' < "$work/headers" | sed -n "s/^$1: *//Ip" | tail -n 1
}
unknown() {
  echo "verify.sh: unknown: $1" >&2
  [[ ${MONITOR_ON_UNKNOWN:-fail} == warn ]] && exit 0
  exit 1
}

next=(--request POST --header 'Content-Type: application/json' --data "$question" "$url")
end=$((SECONDS + wait + patience))
while ((SECONDS <= end)); do
  ask "${next[@]}"
  verdict=$(header x-migration-verdict)
  case $status/$verdict in
    202/*)
      location=$(header location)
      # The key goes nowhere else.
      [[ $location == "${url%%\?*}"\?* ]] || unknown "the monitor goes on at another address"
      next=("$location")
      ;;
    200/*)
      [[ -n $verdict || $phase == aborted ]] || unknown "HTTP 200: this is no answer of a monitor"
      cat "$work/answer"
      exit 0
      ;;
    409/failed) cat "$work/answer"; exit 2 ;;
    503/unknown) cat "$work/answer"; unknown "the report says why" ;;
    400/*) cat "$work/answer"; exit 1 ;;
    401/* | 403/* | 404/*) unknown "HTTP $status: the key or the address is wrong" ;;
  esac
  sleep "$pause"
done
unknown "HTTP $status until the time was up"
