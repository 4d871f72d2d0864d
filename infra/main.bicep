// The monitor in Azure, in a resource group of its own: `azd up` asks for what is asked here. docs/deploy.md says what
// each right is for. monitor.bicep is the same for a group that exists.
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

@description('Each NAME that the settings use as env:NAME, and the secret of the vault with its value: NAME=secret, with a space between two.')
param vaultSettings string = ''

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

@description('Object id of a group whose people may silence at a terminal (role Storage Blob Data Contributor on the memory); empty without.')
param operatorGroupId string = ''

@description('Existing subnet to reach a private database through, delegated to Microsoft.App/environments; empty without.')
param subnetResourceId string = ''

@description('A network of the monitor\'s own: none, or own.')
@allowed(['none', 'own'])
param network string = 'none'

@description('Addresses of that network, of 25 bits or fewer; they must not overlap those of a network it is peered with.')
param addressSpace string = '10.90.0.0/24'

@description('Give that network one fixed address to the outside. False where routes of its own lead out.')
param natGateway bool = true

@description('Network of a private database, to be peered with that network in both directions; empty without.')
param peerNetworkResourceId string = ''

@description('Private DNS zone of a private database, to be linked to the monitor\'s network; empty where it is linked.')
param privateDnsZoneResourceId string = ''

@description('Reach the monitor\'s storage and the vault through that network alone; the storage is closed to the internet.')
param privateEndpoints bool = false

@description('Client id of an app registration by which people sign in to see the status page; empty without.')
param signInClientId string = ''

@description('Memory of an instance: 4096 for schemas beyond 25,000 tables.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: { 'azd-env-name': environmentName }
}

module monitor 'monitor.bicep' = {
  name: 'monitor'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    alertEmail: alertEmail
    silentFor: silentFor
    settingsFile: settingsFile
    vaultResourceId: vaultResourceId
    vaultSettings: vaultSettings
    grantVault: grantVault
    grantOwn: grantOwn
    serverResourceId: serverResourceId
    containerAppResourceId: containerAppResourceId
    listContainerAppSecrets: listContainerAppSecrets
    registryResourceId: registryResourceId
    releaseStorageResourceId: releaseStorageResourceId
    operatorGroupId: operatorGroupId
    subnetResourceId: subnetResourceId
    network: network
    addressSpace: addressSpace
    natGateway: natGateway
    peerNetworkResourceId: peerNetworkResourceId
    privateDnsZoneResourceId: privateDnsZoneResourceId
    privateEndpoints: privateEndpoints
    signInClientId: signInClientId
    instanceMemoryMB: instanceMemoryMB
  }
}

@description('For `azd` and for the commands in docs/deploy.md.')
output AZURE_RESOURCE_GROUP string = group.name
output MONITOR_APP string = monitor.outputs.MONITOR_APP
output MONITOR_URL string = monitor.outputs.MONITOR_URL
@description('The role in PostgreSQL is called so.')
output MONITOR_IDENTITY string = monitor.outputs.MONITOR_IDENTITY
@description('The identity that others give the roles which this deployment does not assign; infra/grants.sql takes it, too.')
output MONITOR_PRINCIPAL_ID string = monitor.outputs.MONITOR_PRINCIPAL_ID
@description('What the settings name: with these a terminal runs `check`, `silences` and `test-alert`.')
output MONITOR_MEMORY string = monitor.outputs.MONITOR_MEMORY
output MONITOR_VAULT string = monitor.outputs.MONITOR_VAULT
@description('For the firewall of a public server; empty without a NAT gateway.')
output MONITOR_ADDRESS string = monitor.outputs.MONITOR_ADDRESS
