// The function app on the Flex Consumption plan.
param name string
param planName string
param location string
param tags object
param identityName string
param identityId string
param identityClientId string
param storageName string
param packageContainerUrl string
param memoryContainerUrl string
param insightsConnectionString string
param settingsFile string
param vaultName string
@description('NAME=secret, with a space between two.')
param vaultSettings string
param subnetResourceId string
param signInClientId string
param instanceMemoryMB int

// Flex Consumption refuses settings that name the worker, its version or the build: they are functionAppConfig.
var plainSettings = [
  { name: 'AzureWebJobsStorage__accountName', value: storageName }
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
  { name: 'PYTHON_THREADPOOL_THREAD_COUNT', value: '32' }
  { name: 'AZURE_CLIENT_ID', value: identityClientId }
  { name: 'MONITOR_CONFIG', value: settingsFile }
  // What a settings file may name instead of writing it out: monitor.azure.example.toml does.
  { name: 'MONITOR_IDENTITY', value: identityName }
  { name: 'MONITOR_MEMORY', value: memoryContainerUrl }
]
var vaultUrl = 'https://${vaultName}${environment().suffixes.keyvaultDns}'
var vaultSetting = empty(vaultName) ? [] : [{ name: 'MONITOR_VAULT', value: vaultUrl }]

// Without a vault there is nothing to refer to. No version is named: a secret that is renewed comes within a day.
var pairs = filter(split(empty(vaultName) ? '' : vaultSettings, ' '), pair => !empty(pair))
var secretSettings = map(pairs, pair => {
  name: split(pair, '=')[0]
  value: '@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/${split(pair, '=')[?1] ?? fail('MONITOR_VAULT_SETTINGS: "${pair}" is not NAME=secret')})'
})

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_225:A run that a zone takes down is made up for by the next; zones cost always-ready instances
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  // checkov:skip=CKV_AZURE_17:Pipelines come with a function key
  // checkov:skip=CKV_AZURE_78:The plan has no FTP, and basicPublishingCredentialsPolicies shut it
  // checkov:skip=CKV_AZURE_212:The plan scales by itself, to none between two ticks
  // checkov:skip=CKV_AZURE_213:The plan has no health check; silence.bicep alerts when nothing runs
  // checkov:skip=CKV_AZURE_222:Pipelines and people reach it from everywhere; every function asks for a key, or admits its callers itself
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'monitor' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetResourceId) ? null : subnetResourceId
    functionAppConfig: {
      runtime: {
        name: 'python'
        version: '3.13'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: 40
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      appSettings: concat(plainSettings, vaultSetting, secretSettings)
    }
  }
}

// Who signs in may see the status page. All others are let through to the functions, which have their own keys and links.
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = if (!empty(signInClientId)) {
  // checkov:skip=CKV_AZURE_13:This is that authentication; the rule looks for it in the app
  // checkov:skip=CKV_AZURE_63:A rule for the app, not for how people sign in
  // checkov:skip=CKV_AZURE_65:As above
  // checkov:skip=CKV_AZURE_66:As above
  // checkov:skip=CKV_AZURE_80:As above
  // checkov:skip=CKV_AZURE_88:As above
  // checkov:skip=CKV_AZURE_222:As above
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: signInClientId
          // This tenant's people alone.
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

// Packages come by Entra tokens; the two logins with a password are closed.
resource ftpLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource scmLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
output vaultUrl string = empty(vaultName) ? '' : vaultUrl
