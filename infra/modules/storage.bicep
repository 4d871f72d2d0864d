// The monitor's own storage: its package, its queue, what it remembers. No key opens it, only the identity.
param name string
param location string
param tags object
param principalId string
param grant bool
@description('Only private endpoints lead to it.')
param closed bool

var packageContainer = 'app-package'
var memoryContainer = 'monitor-memory'
// What function_app.py calls its queue; the host moves a message that failed too often to the second.
var queues = ['migration-checks', 'migration-checks-poison']

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' = {
  // checkov:skip=CKV_AZURE_35:The plan's addresses are not known in advance, without a network; only the identity has access
  // checkov:skip=CKV_AZURE_59:As above
  // checkov:skip=CKV_AZURE_206:What is lost with a region is created again by `azd up`; the next run begins a new memory
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: closed ? 'Disabled' : 'Enabled'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {
    // A memory that somebody deleted can be had back for a week.
    deleteRetentionPolicy: { enabled: true, days: 7 }
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: packageContainer
  properties: { publicAccess: 'None' }
}

resource memory 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: memoryContainer
  properties: { publicAccess: 'None' }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2026-09-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-09-01' = [
  for queueName in queues: {
    parent: queueService
    name: queueName
  }
]

// The host keeps its leases and keys in blobs, its timer's clock as well, and what it has to say of itself in a table.
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

var granted = grant ? [storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor] : []

resource roles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in granted: {
    name: guid(account.id, principalId, role)
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

output id string = account.id
output name string = account.name
output memoryContainer string = memory.name
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${package.name}'
output memoryContainerUrl string = '${account.properties.primaryEndpoints.blob}${memory.name}'
