#!/usr/bin/env bash
# Before anything is made in Azure: are the tools at hand, does the region offer the plan, is every id an id? Says all that
# is wrong, and fails. azd hands over the values of its environment.
set -euo pipefail
fails=0
wrong() {
  echo "migration monitor: $1" >&2
  fails=1
}

for tool in az curl python3; do
  command -v "$tool" >/dev/null || wrong "$tool is not installed"
done
[ "$fails" = 0 ] || exit 1

cloud="$(az cloud show --query name --output tsv)" || cloud=
[ "$cloud" = AzureCloud ] || wrong "the cloud is \"$cloud\": only AzureCloud is supported (az cloud set --name AzureCloud)"
if ! az account show --output none >/dev/null 2>&1; then
  wrong "az is not logged in: az login"
  exit 1
fi

region="$(tr -d ' ' <<<"${AZURE_LOCATION:-}" | tr '[:upper:]' '[:lower:]')"
regions="$(az functionapp list-flexconsumption-locations --query '[].name' --output tsv | tr -d ' ' | tr '[:upper:]' '[:lower:]')"
grep -qxF "$region" <<<"$regions" ||
  wrong "\"$region\" does not offer the Flex Consumption plan: az functionapp list-flexconsumption-locations --output table"

id() { # variable, provider, type, type below it
  local value="${!1:-}" kind="$2/$3${4:+/$4}" shape
  [ -n "$value" ] || return 0
  shape="^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/$2/$3/[^/]+${4:+/$4/[^/]+}\$"
  shopt -s nocasematch
  [[ "$value" =~ $shape ]] || wrong "$1 is no id of $kind, as \`az … show --query id\` prints it: \"$value\""
  shopt -u nocasematch
}
id MONITOR_VAULT_ID Microsoft.KeyVault vaults
id MONITOR_SERVER_ID Microsoft.DBforPostgreSQL flexibleServers
id MONITOR_CONTAINER_APP_ID Microsoft.App containerApps
id MONITOR_REGISTRY_ID Microsoft.ContainerRegistry registries
id MONITOR_RELEASE_STORAGE_ID Microsoft.Storage storageAccounts
id MONITOR_SUBNET_ID Microsoft.Network virtualNetworks subnets
id MONITOR_PEER_NETWORK_ID Microsoft.Network virtualNetworks
id MONITOR_PRIVATE_DNS_ZONE_ID Microsoft.Network privateDnsZones

if [ "${MONITOR_NETWORK:-none}" != none ] || [ -n "${MONITOR_SUBNET_ID:-}" ]; then
  state="$(az provider show --namespace Microsoft.App --query registrationState --output tsv)" || state=
  [ "$state" = Registered ] ||
    wrong "Microsoft.App is not registered, and a subnet is handed to it: az provider register --namespace Microsoft.App --wait"
fi

# Roles mean nothing on a vault of access policies: each run would be refused its secrets.
if [ "$fails" = 0 ] && [ -n "${MONITOR_VAULT_ID:-}" ] && [ "${MONITOR_GRANT_VAULT:-true}" = true ]; then
  roles="$(az keyvault show --ids "$MONITOR_VAULT_ID" --query properties.enableRbacAuthorization --output tsv)" || roles=
  [ "$roles" = true ] ||
    wrong "the vault grants by access policies: docs/operate.md says what to do, with MONITOR_GRANT_VAULT=false"
fi
exit "$fails"
