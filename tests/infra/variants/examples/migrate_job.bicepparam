// The job of examples/container-apps-job.
using '../../../../examples/container-apps-job/migrate-job.bicep'

param location = 'westeurope'
param environmentId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.App/managedEnvironments/example'
param image = 'example.azurecr.io/api:v1.42.0'
param registryServer = 'example.azurecr.io'
param identityId = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.ManagedIdentity/userAssignedIdentities/migrate'
param databaseUrlSecretUri = 'https://example.vault.azure.net/secrets/database-url'
