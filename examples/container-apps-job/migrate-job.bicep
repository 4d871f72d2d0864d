// The job that migrates: one execution at a time, of one replica, never tried again. A migration that failed stays
// failed until a person has fixed it (P3009), so a second try only hides the first error.
targetScope = 'resourceGroup'

@description('Region of the job.')
param location string = resourceGroup().location

@description('Name of the job.')
param name string = 'migrate'

@description('Resource id of the Container Apps environment in which the app runs.')
param environmentId string

@description('The image of the release, with prisma/migrations and the Prisma CLI in it. deploy.sh sets each new one.')
param image string

@description('Server of the registry that has the image.')
param registryServer string

@description('Resource id of the identity that pulls the image (AcrPull) and reads the secret (Key Vault Secrets User).')
param identityId string

@description('URI of the Key Vault secret with the URL of the role that deploys: the server itself, no pool.')
param databaseUrlSecretUri string

@description('Seconds after which an execution is stopped. Longer than the upper estimate of any plan.')
param longestMigration int = 3600

resource job 'Microsoft.App/jobs@2026-07-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    configuration: {
      triggerType: 'Manual'
      replicaTimeout: longestMigration
      replicaRetryLimit: 0
      manualTriggerConfig: {
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: [
        {
          name: 'database-url'
          keyVaultUrl: databaseUrlSecretUri
          identity: identityId
        }
      ]
    }
    template: {
      containers: [
        {
          name: 'migrate'
          image: image
          command: ['npx', 'prisma', 'migrate', 'deploy']
          env: [
            {
              name: 'DATABASE_URL'
              secretRef: 'database-url'
            }
          ]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
        }
      ]
    }
  }
}

output jobName string = job.name
