// Storage and vault by private endpoints alone; routes of its own lead out.
using '../../../infra/main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param alertEmail = 'oncall@example.com'
param vaultResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.KeyVault/vaults/example'
param serverResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.DBforPostgreSQL/flexibleServers/example'
param containerAppResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.App/containerApps/example-api'
param registryResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.ContainerRegistry/registries/example'
param network = 'own'
param natGateway = false
param peerNetworkResourceId = '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/production'
param privateEndpoints = true
