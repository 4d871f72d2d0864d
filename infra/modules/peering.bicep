// One direction of a peering: it stands in the network named here. Traffic flows once both directions are made.
param networkName string
param otherNetworkId string
param name string

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' existing = {
  name: networkName
}

resource peering 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2026-03-01' = {
  parent: network
  name: name
  properties: {
    remoteVirtualNetwork: { id: otherNetworkId }
    allowVirtualNetworkAccess: true
    allowForwardedTraffic: false
    allowGatewayTransit: false
    useRemoteGateways: false
  }
}
