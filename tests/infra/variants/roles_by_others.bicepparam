// Another team assigns every role; the resource group exists.
using '../../../infra/monitor.bicep'

param environmentName = 'production'
param location = 'westeurope'
param alertEmail = 'oncall@example.com'
param vaultResourceId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.KeyVault/vaults/example'
param grantVault = false
param grantOwn = false
