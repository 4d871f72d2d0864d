// A network of the monitor's own: its way to a private database, and one fixed address to the outside.
param name string
param location string
param tags object
param addressSpace string
param natGateway bool
param endpoints bool

var appSubnet = 'monitor'
var endpointSubnet = 'endpoints'

resource appRules 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${name}-monitor'
  location: location
  tags: tags
}

resource endpointRules 'Microsoft.Network/networkSecurityGroups@2026-03-01' = if (endpoints) {
  name: '${name}-endpoints'
  location: location
  tags: tags
}

resource address 'Microsoft.Network/publicIPAddresses@2026-03-01' = if (natGateway) {
  name: '${name}-nat'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: {
    publicIPAllocationMethod: 'Static'
    publicIPAddressVersion: 'IPv4'
  }
}

resource nat 'Microsoft.Network/natGateways@2026-03-01' = if (natGateway) {
  name: '${name}-nat'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: address.id }] }
}

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressSpace] }
    subnets: concat(
      [
        {
          name: appSubnet
          properties: {
            addressPrefix: cidrSubnet(addressSpace, 26, 0)
            defaultOutboundAccess: false
            delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
            natGateway: natGateway ? { id: nat.id } : null
            networkSecurityGroup: { id: appRules.id }
          }
        }
      ],
      endpoints
        ? [
            {
              name: endpointSubnet
              properties: {
                addressPrefix: cidrSubnet(addressSpace, 26, 1)
                defaultOutboundAccess: false
                networkSecurityGroup: { id: endpointRules.id }
              }
            }
          ]
        : []
    )
  }
}

output id string = network.id
output name string = network.name
output appSubnetId string = '${network.id}/subnets/${appSubnet}'
output endpointSubnetId string = '${network.id}/subnets/${endpointSubnet}'
@description('For the firewall of a public server; empty without a gateway.')
output address string = natGateway ? address!.properties.ipAddress : ''
