// A network of its own with one fixed address, for the firewall of a public server.
using '../../../infra/main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param alertEmail = 'oncall@example.com'
param vaultResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.KeyVault/vaults/example'
param serverResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.DBforPostgreSQL/flexibleServers/example'
param containerAppResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.App/containerApps/example-api'
param registryResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.ContainerRegistry/registries/example'
param network = 'own'
