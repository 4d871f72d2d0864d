// See the server's state, firewall rules and parameters. This reads no row: the database lets in by infra/grants.sql.
param name string
param principalId string

var reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' existing = {
  name: name
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(server.id, principalId, reader)
  scope: server
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
