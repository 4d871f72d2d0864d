// People of one group may read and write what the monitor remembers: `silence`, `silences` and `history` at a terminal.
param storageName string
param container string
param groupId string

var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource memory 'containers' existing = {
      name: container
    }
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::memory.id, groupId, storageBlobDataContributor)
  scope: account::blobs::memory
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    principalId: groupId
    principalType: 'Group'
  }
}
