#!/usr/bin/env bash
# Runs the action: installs the monitor from this checkout where the mode needs it, once a job.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "::error title=Migration Monitor::Python 3.11 or newer is needed: run actions/setup-python before this step."
  exit 1
fi

# A verification asks a monitor that runs elsewhere: what the checkout has is enough.
if [[ ${INPUT_MODE:-} == plan || ${INPUT_MODE:-} == check ]]; then
  place="${RUNNER_TEMP:?}/migration-monitor"
  export MIGRATION_MONITOR="$place/bin/migration-monitor"
  if [[ ! -x $MIGRATION_MONITOR ]]; then
    echo "::group::Install Migration Monitor"
    "$python" -m venv "$place"
    "$place/bin/pip" install --quiet --disable-pip-version-check "$here"
    echo "::endgroup::"
  fi
  # The embedded PostgreSQL is that of the demo.
  if [[ ${INPUT_SCRATCH_URL:-} == embedded && ! -e $place/demo ]]; then
    "$place/bin/pip" install --quiet --disable-pip-version-check "$here[demo]"
    touch "$place/demo"
  fi
fi
exec "$python" "$here/action"
