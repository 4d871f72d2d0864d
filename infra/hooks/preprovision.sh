#!/usr/bin/env bash
# Before anything is made in Azure: are the tools at hand, does the region offer the plan, is every id an id, do the
# parameters go together? Says all that is wrong, and fails. azd hands over the values of its environment.
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
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || wrong "Python 3.11 or newer is needed to fetch the packages"

cloud="$(az cloud show --query name --output tsv)" || cloud=
[ "$cloud" = AzureCloud ] || wrong "the cloud is \"$cloud\": only AzureCloud is supported (az cloud set --name AzureCloud)"
account="$(az account show --query id --output tsv 2>/dev/null)" || {
  wrong "az is not logged in: az login"
  exit 1
}
# What az asks below is asked of its own subscription.
[ -z "${AZURE_SUBSCRIPTION_ID:-}" ] || [ "$account" = "$AZURE_SUBSCRIPTION_ID" ] ||
  wrong "az uses another subscription than azd: az account set --subscription $AZURE_SUBSCRIPTION_ID"

region="$(tr -d ' ' <<<"${AZURE_LOCATION:-}" | tr '[:upper:]' '[:lower:]')"
regions="$(az functionapp list-flexconsumption-locations --query '[].name' --output tsv | tr -d ' ' | tr '[:upper:]' '[:lower:]')"
if [ -z "$region" ]; then
  wrong "no region is set: azd env set AZURE_LOCATION westeurope"
elif ! grep -qxF "$region" <<<"$regions"; then
  wrong "\"$region\" does not offer the Flex Consumption plan: az functionapp list-flexconsumption-locations --output table"
fi

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

# What would be ignored without a word.
subnet="${MONITOR_SUBNET_ID:-}" zone="${MONITOR_PRIVATE_DNS_ZONE_ID:-}"
if [ "${MONITOR_NETWORK:-none}" = own ]; then
  [ -z "$subnet" ] || wrong "MONITOR_SUBNET_ID and MONITOR_NETWORK=own exclude each other"
else
  [ "${MONITOR_PRIVATE_ENDPOINTS:-false}" != true ] || wrong "MONITOR_PRIVATE_ENDPOINTS needs MONITOR_NETWORK=own"
  [ -z "${MONITOR_PEER_NETWORK_ID:-}" ] || wrong "MONITOR_PEER_NETWORK_ID needs MONITOR_NETWORK=own"
  [ -z "$zone" ] || [ -n "$subnet" ] || wrong "MONITOR_PRIVATE_DNS_ZONE_ID needs MONITOR_NETWORK=own, or MONITOR_SUBNET_ID"
fi
[ "$fails" = 0 ] || exit 1

if [ "${MONITOR_NETWORK:-none}" != none ] || [ -n "$subnet" ]; then
  owner="$account"
  [ -z "$subnet" ] || owner="$(cut -d/ -f3 <<<"$subnet")"
  state="$(az provider show --namespace Microsoft.App --subscription "$owner" --query registrationState --output tsv)" || state=
  [ "$state" = Registered ] ||
    wrong "Microsoft.App is not registered, and a subnet is handed to it: az provider register --namespace Microsoft.App --subscription $owner --wait"
fi
if [ -n "$subnet" ]; then
  given="$(az network vnet subnet show --ids "$subnet" --query 'delegations[].serviceName' --output tsv)" || given=
  [ "$given" = Microsoft.App/environments ] ||
    wrong "the subnet must be delegated to Microsoft.App/environments: az network vnet subnet update --ids $subnet --delegations Microsoft.App/environments"
  place="$(az resource show --ids "${subnet%/subnets/*}" --query location --output tsv)" || place=
  [ "$place" = "$region" ] || wrong "the subnet is in \"$place\", and the plan would be in \"$region\": both must be in one region"
fi
if [ -n "$subnet" ] && [ -n "$zone" ]; then
  # A network can be linked to a zone once, under whatever name.
  linked="$(az network private-dns link vnet list --subscription "$(cut -d/ -f3 <<<"$zone")" \
    --resource-group "$(cut -d/ -f5 <<<"$zone")" --zone-name "${zone##*/}" --query '[].virtualNetwork.id' --output tsv)" || linked=
  ! grep -qixF "${subnet%/subnets/*}" <<<"$linked" ||
    wrong "the network is linked to the DNS zone already: azd env set MONITOR_PRIVATE_DNS_ZONE_ID \"\""
fi

# Roles mean nothing on a vault of access policies: each run would be refused its secrets.
if [ -n "${MONITOR_VAULT_ID:-}" ] && [ "${MONITOR_GRANT_VAULT:-true}" = true ]; then
  if ! roles="$(az resource show --ids "$MONITOR_VAULT_ID" --query properties.enableRbacAuthorization --output tsv)"; then
    wrong "the vault cannot be read: is the id right, and may you see it?"
  elif [ "$roles" != true ]; then
    wrong "the vault grants by access policies: docs/operate.md says what to do, with MONITOR_GRANT_VAULT=false"
  fi
fi
exit "$fails"
