// The monitor in Azure: `azd up` asks for what is asked here. docs/deploy.md says what each right is for.
targetScope = 'subscription'

@description('Names the deployment; every resource name derives from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Where everything is made. The region must offer the Flex Consumption plan.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Who is written to, by Azure Monitor and not by the monitor, when no run has come to its end for long.')
@minLength(3)
param alertEmail string

@description('So long without a completed run is an alarm; longer than the longest interval of a target.')
@allowed(['PT1H', 'PT2H', 'PT6H', 'P1D', 'P2D'])
param silentFor string = 'PT2H'

@description('The settings file, from the root of what is deployed.')
param settingsFile string = 'monitor.toml'

@description('Key Vault that holds what the settings name; empty without one.')
param vaultResourceId string = ''

@description('Each NAME that the settings use as env:NAME, and the secret of the vault with its value.')
param vaultSettings object = {}

@description('Let the identity read the secrets of the vault. False where another team assigns roles.')
param grantVault bool = true

@description('Let the identity use the monitor\'s own storage and telemetry. False where another team assigns roles.')
param grantOwn bool = true

@description('PostgreSQL flexible server to look at (role Reader); empty to leave it to others, or out.')
param serverResourceId string = ''

@description('Container App to look at (role Reader); empty to leave it to others, or out.')
param containerAppResourceId string = ''

@description('Also let it list that app\'s secrets, to compare the database that the app uses with the watched one.')
param listContainerAppSecrets bool = false

@description('Registry from which the release image is read (role AcrPull); empty to leave it to others, or out.')
param registryResourceId string = ''

@description('Storage account of the releases (role Storage Blob Data Reader); empty to leave it to others, or out.')
param releaseStorageResourceId string = ''

@description('Subnet to reach a private database through, delegated to Microsoft.App/environments; empty without.')
param subnetResourceId string = ''

@description('Client id of an app registration by which people sign in to see the status page; empty without.')
param signInClientId string = ''

@description('Memory of an instance: 4096 for schemas beyond 25,000 tables.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var groupName = 'rg-${environmentName}'
// A module that is left out still has its scope worked out, so an id that is not given needs parts as well.
var nowhere = '${subscription().id}/resourceGroups/${groupName}/providers/none/none/none'
var vault = split(empty(vaultResourceId) ? nowhere : vaultResourceId, '/')
var server = split(empty(serverResourceId) ? nowhere : serverResourceId, '/')
var containerApp = split(empty(containerAppResourceId) ? nowhere : containerAppResourceId, '/')
var registry = split(empty(registryResourceId) ? nowhere : registryResourceId, '/')
var releaseStorage = split(empty(releaseStorageResourceId) ? nowhere : releaseStorageResourceId, '/')

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: groupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-monitor-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    grant: grantOwn
  }
}

module telemetry 'modules/telemetry.bicep' = {
  name: 'telemetry'
  scope: group
  params: {
    workspaceName: 'log-${token}'
    insightsName: 'appi-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    grant: grantOwn
  }
}

module silence 'modules/silence.bicep' = {
  name: 'silence'
  scope: group
  params: {
    name: 'monitor-silent-${token}'
    location: location
    tags: tags
    insightsId: telemetry.outputs.insightsId
    email: alertEmail
    silentFor: silentFor
  }
}

module vaultRole 'modules/vault-role.bicep' = if (grantVault && !empty(vaultResourceId)) {
  name: 'vault-role-${token}'
  scope: resourceGroup(vault[2], vault[4])
  params: {
    name: last(vault)
    principalId: identity.outputs.principalId
  }
}

module serverRole 'modules/server-role.bicep' = if (!empty(serverResourceId)) {
  name: 'server-role-${token}'
  scope: resourceGroup(server[2], server[4])
  params: {
    name: last(server)
    principalId: identity.outputs.principalId
  }
}

module containerAppRole 'modules/container-app-role.bicep' = if (!empty(containerAppResourceId)) {
  name: 'container-app-role-${token}'
  scope: resourceGroup(containerApp[2], containerApp[4])
  params: {
    name: last(containerApp)
    principalId: identity.outputs.principalId
    listSecrets: listContainerAppSecrets
  }
}

module registryRole 'modules/registry-role.bicep' = if (!empty(registryResourceId)) {
  name: 'registry-role-${token}'
  scope: resourceGroup(registry[2], registry[4])
  params: {
    name: last(registry)
    principalId: identity.outputs.principalId
  }
}

module releaseStorageRole 'modules/release-storage-role.bicep' = if (!empty(releaseStorageResourceId)) {
  name: 'release-storage-role-${token}'
  scope: resourceGroup(releaseStorage[2], releaseStorage[4])
  params: {
    name: last(releaseStorage)
    principalId: identity.outputs.principalId
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  // A reference to a vault that may not be read yet would stay unresolved for a day.
  dependsOn: [vaultRole]
  params: {
    name: 'func-monitor-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityName: identity.outputs.name
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packageContainerUrl: storage.outputs.packageContainerUrl
    memoryContainerUrl: storage.outputs.memoryContainerUrl
    insightsConnectionString: telemetry.outputs.connectionString
    settingsFile: settingsFile
    vaultName: empty(vaultResourceId) ? '' : last(vault)
    vaultSettings: vaultSettings
    subnetResourceId: subnetResourceId
    signInClientId: signInClientId
    instanceMemoryMB: instanceMemoryMB
  }
}

@description('For `azd` and for the commands in docs/deploy.md.')
output AZURE_RESOURCE_GROUP string = group.name
output MONITOR_APP string = app.outputs.name
output MONITOR_URL string = app.outputs.url
@description('The role in PostgreSQL is called so.')
output MONITOR_IDENTITY string = identity.outputs.name
@description('The identity that others give the roles which this deployment does not assign; infra/grants.sql takes it, too.')
output MONITOR_PRINCIPAL_ID string = identity.outputs.principalId
