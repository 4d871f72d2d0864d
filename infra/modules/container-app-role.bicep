// See the revisions with traffic, their health and image; and, only where wanted, the secrets.
param name string
param principalId string
param listSecrets bool

var reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource containerApp 'Microsoft.App/containerApps@2026-07-01' existing = {
  name: name
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(containerApp.id, principalId, reader)
  scope: containerApp
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// No role of Azure's own lists secrets and can do nothing else; the person who deploys this needs the right to define one.
resource secretsReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (listSecrets) {
  name: guid(containerApp.id, 'secrets')
  properties: {
    roleName: 'List the secrets of ${name} (${uniqueString(containerApp.id)})'
    description: 'The migration monitor compares the database that the app uses with the one that it watches.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: ['Microsoft.App/containerApps/listSecrets/action']
        notActions: []
      }
    ]
  }
}

resource secretsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (listSecrets) {
  name: guid(containerApp.id, principalId, 'secrets')
  scope: containerApp
  properties: {
    roleDefinitionId: secretsReader.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
