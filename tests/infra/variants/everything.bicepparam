// Every resource that can be named, and every right that can be asked for.
using '../../../infra/main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param alertEmail = 'oncall@example.com'
param vaultResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.KeyVault/vaults/example'
param serverResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.DBforPostgreSQL/flexibleServers/example'
param containerAppResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.App/containerApps/example-api'
param registryResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.ContainerRegistry/registries/example'
param vaultSettings = 'SMTP_PASSWORD=smtp-password API_AUTHORIZATION=api-authorization'
param listContainerAppSecrets = true
param releaseStorageResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.Storage/storageAccounts/examplereleases'
param operatorGroupId = '33333333-3333-3333-3333-333333333333'
param instanceMemoryMB = 4096
param silentFor = 'P1D'
