// People sign in by Entra to see the status page.
using '../../../infra/main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param alertEmail = 'oncall@example.com'
param signInClientId = '44444444-4444-4444-4444-444444444444'
