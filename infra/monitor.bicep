// The monitor in a resource group that exists: main.bicep says what each parameter is.
targetScope = 'resourceGroup'

import { partsOf } from 'modules/ids.bicep'

@minLength(1)
@maxLength(64)
param environmentName string

@metadata({ azd: { type: 'location' } })
param location string

@minLength(3)
param alertEmail string

@allowed(['PT1H', 'PT2H', 'PT6H', 'P1D', 'P2D'])
param silentFor string = 'PT2H'

param settingsFile string = 'monitor.toml'

param vaultResourceId string = ''

param vaultSettings string = ''

param grantVault bool = true

param grantOwn bool = true

param serverResourceId string = ''

param containerAppResourceId string = ''

param listContainerAppSecrets bool = false

param registryResourceId string = ''

param releaseStorageResourceId string = ''

param operatorGroupId string = ''

param subnetResourceId string = ''

@allowed(['none', 'own'])
param network string = 'none'

param addressSpace string = '10.90.0.0/24'

param natGateway bool = true

param peerNetworkResourceId string = ''

param privateDnsZoneResourceId string = ''

param privateEndpoints bool = false

param signInClientId string = ''

@allowed([2048, 4096])
param instanceMemoryMB int = 2048

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
// A module that is left out still has its scope worked out, so an id that is not given needs parts as well.
var nowhere = '${resourceGroup().id}/providers/none/none/none'
var vault = partsOf(vaultResourceId, 'Microsoft.KeyVault/vaults', nowhere)
var server = partsOf(serverResourceId, 'Microsoft.DBforPostgreSQL/flexibleServers', nowhere)
var containerApp = partsOf(containerAppResourceId, 'Microsoft.App/containerApps', nowhere)
var registry = partsOf(registryResourceId, 'Microsoft.ContainerRegistry/registries', nowhere)
var releaseStorage = partsOf(releaseStorageResourceId, 'Microsoft.Storage/storageAccounts', nowhere)
var subnet = partsOf(subnetResourceId, 'Microsoft.Network/virtualNetworks/subnets', nowhere)
var peerNetwork = partsOf(peerNetworkResourceId, 'Microsoft.Network/virtualNetworks', nowhere)
var dnsZone = partsOf(privateDnsZoneResourceId, 'Microsoft.Network/privateDnsZones', nowhere)
var ownNetwork = network == 'own'
// Endpoints need a subnet beside the monitor's own.
var endpoints = ownNetwork && privateEndpoints
var endpointZones = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-monitor-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    grant: grantOwn
    closed: endpoints
  }
}

module telemetry 'modules/telemetry.bicep' = {
  name: 'telemetry'
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
  params: {
    name: 'monitor-silent-${token}'
    location: location
    tags: tags
    insightsId: telemetry.outputs.insightsId
    email: alertEmail
    silentFor: silentFor
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    location: location
    tags: tags
    insightsId: telemetry.outputs.insightsId
  }
}

module operatorRole 'modules/operator-role.bicep' = if (!empty(operatorGroupId)) {
  name: 'operator-role'
  params: {
    storageName: storage.outputs.name
    container: storage.outputs.memoryContainer
    groupId: operatorGroupId
  }
}

module vaultRole 'modules/vault-role.bicep' = if (grantVault && !empty(vaultResourceId)) {
  name: 'vault-role-${token}'
  scope: resourceGroup(vault[2], vault[4])
  params: {
    name: last(vault)!
    principalId: identity.outputs.principalId
  }
}

module serverRole 'modules/server-role.bicep' = if (!empty(serverResourceId)) {
  name: 'server-role-${token}'
  scope: resourceGroup(server[2], server[4])
  params: {
    name: last(server)!
    principalId: identity.outputs.principalId
  }
}

module containerAppRole 'modules/container-app-role.bicep' = if (!empty(containerAppResourceId)) {
  name: 'container-app-role-${token}'
  scope: resourceGroup(containerApp[2], containerApp[4])
  params: {
    name: last(containerApp)!
    principalId: identity.outputs.principalId
    listSecrets: listContainerAppSecrets
  }
}

module registryRole 'modules/registry-role.bicep' = if (!empty(registryResourceId)) {
  name: 'registry-role-${token}'
  scope: resourceGroup(registry[2], registry[4])
  params: {
    name: last(registry)!
    principalId: identity.outputs.principalId
  }
}

module releaseStorageRole 'modules/release-storage-role.bicep' = if (!empty(releaseStorageResourceId)) {
  name: 'release-storage-role-${token}'
  scope: resourceGroup(releaseStorage[2], releaseStorage[4])
  params: {
    name: last(releaseStorage)!
    principalId: identity.outputs.principalId
  }
}

module made 'modules/network.bicep' = if (ownNetwork) {
  name: 'network'
  params: {
    name: 'vnet-monitor-${token}'
    location: location
    tags: tags
    addressSpace: addressSpace
    natGateway: natGateway
    endpoints: endpoints
  }
}

module peeringThere 'modules/peering.bicep' = if (ownNetwork && !empty(peerNetworkResourceId)) {
  name: 'peering-there'
  // The network takes one change at a time.
  dependsOn: [storageEndpoints, vaultEndpoint]
  params: {
    networkName: made!.outputs.name
    otherNetworkId: peerNetworkResourceId
    name: 'to-database'
  }
}

module peeringBack 'modules/peering.bicep' = if (ownNetwork && !empty(peerNetworkResourceId)) {
  name: 'peering-back-${token}'
  dependsOn: [storageEndpoints, vaultEndpoint]
  scope: resourceGroup(peerNetwork[2], peerNetwork[4])
  params: {
    networkName: last(peerNetwork)!
    otherNetworkId: made!.outputs.id
    name: 'to-monitor-${token}'
  }
}

module dnsLink 'modules/dns-link.bicep' = if ((ownNetwork || !empty(subnetResourceId)) && !empty(privateDnsZoneResourceId)) {
  name: 'dns-link-${token}'
  scope: resourceGroup(dnsZone[2], dnsZone[4])
  params: {
    zoneName: last(dnsZone)!
    networkId: ownNetwork ? made!.outputs.id : join(take(subnet, 9), '/')
    name: 'monitor-${token}'
    tags: tags
  }
}

@batchSize(1)
module storageEndpoints 'modules/private-endpoint.bicep' = [
  for service in items(endpointZones): if (endpoints) {
    name: 'endpoint-${service.key}'
    params: {
      name: 'pe-${service.key}-${token}'
      location: location
      tags: tags
      networkId: made!.outputs.id
      subnetId: made!.outputs.endpointSubnetId
      resourceId: storage.outputs.id
      service: service.key
      zoneName: service.value
    }
  }
]

module vaultEndpoint 'modules/private-endpoint.bicep' = if (endpoints && !empty(vaultResourceId)) {
  name: 'endpoint-vault'
  dependsOn: [storageEndpoints]
  params: {
    name: 'pe-vault-${token}'
    location: location
    tags: tags
    networkId: made!.outputs.id
    subnetId: made!.outputs.endpointSubnetId
    resourceId: vaultResourceId
    service: 'vault'
    zoneName: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  // A reference to a vault that may not be read yet would stay unresolved for a day; a closed storage is reached by its
  // endpoints alone.
  dependsOn: [vaultRole, storageEndpoints, vaultEndpoint]
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
    vaultName: empty(vaultResourceId) ? '' : last(vault)!
    vaultSettings: vaultSettings
    subnetResourceId: ownNetwork ? made!.outputs.appSubnetId : subnetResourceId
    signInClientId: signInClientId
    instanceMemoryMB: instanceMemoryMB
  }
}

output AZURE_RESOURCE_GROUP string = resourceGroup().name
output MONITOR_APP string = app.outputs.name
output MONITOR_URL string = app.outputs.url
output MONITOR_IDENTITY string = identity.outputs.name
output MONITOR_PRINCIPAL_ID string = identity.outputs.principalId
output MONITOR_MEMORY string = storage.outputs.memoryContainerUrl
output MONITOR_VAULT string = app.outputs.vaultUrl
output MONITOR_ADDRESS string = ownNetwork ? made!.outputs.address : ''
