// Only what is asked for: a public server that lets in all of Azure.
using '../../../infra/main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param alertEmail = 'oncall@example.com'
