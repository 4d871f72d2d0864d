#!/usr/bin/env bash
# Before the code is sent: the settings are there, are sent along, and are valid; and each dependency is fetched for the
# Python that runs in Azure, whatever runs here. Azure builds nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
VERSION=3.13 PLATFORM=x86_64-manylinux_2_28 # as in infra/modules/app.bicep
LARGEST_MIB=300
settings="${MONITOR_SETTINGS_FILE:-monitor.toml}"
stop() {
  echo "migration monitor: $1" >&2
  exit 1
}

case "$settings" in */*) stop "$settings must be in the folder that is sent, not below it" ;; esac
[ -f "$settings" ] || stop "there is no $settings: cp monitor.azure.example.toml $settings, and make it yours"
grep -qxF "!/$settings" .funcignore || stop "$settings would not be sent: add the line !/$settings to .funcignore"

uv="$(command -v uv)" || {
  rm -rf .uv
  python3 -m venv .uv || stop "install uv, or python3-venv"
  .uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
  uv=.uv/bin/uv
}
# pip would choose by the Python that runs here; uv chooses by the one that is named.
rm -rf .python_packages && mkdir .python_packages
"$uv" pip install --quiet --target .python_packages/lib/site-packages --python-version "$VERSION" \
  --python-platform "$PLATFORM" --only-binary :all: --link-mode copy -r requirements.txt ||
  stop "not every package of requirements.txt has a wheel for Python $VERSION"
find .python_packages -name __pycache__ -type d -prune -exec rm -rf {} +

size="$(du -sm .python_packages shared | awk '{ sum += $1 } END { print sum }')"
[ "$size" -le "$LARGEST_MIB" ] || stop "the package has $size MiB; $LARGEST_MIB are expected at most"

# What the deployment itself sets is not known before the first one.
for name in ${MONITOR_VAULT_SETTINGS:-}; do export "${name%%=*}=in-the-vault"; done
MONITOR_CONFIG="$settings" AZURE_CLIENT_ID="${AZURE_CLIENT_ID:-00000000-0000-0000-0000-000000000000}" \
  MONITOR_IDENTITY="${MONITOR_IDENTITY:-id-monitor}" MONITOR_VAULT="${MONITOR_VAULT:-https://example.vault.azure.net}" \
  MONITOR_MEMORY="${MONITOR_MEMORY:-https://example.blob.core.windows.net/monitor-memory}" \
  "$uv" run --quiet --no-project --isolated --with-requirements requirements.txt python monitor.py settings >&2 ||
  stop "$settings is not valid: see above"
