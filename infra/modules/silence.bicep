// Who watches the monitor: Azure Monitor writes a mail when no run was completed, by a channel of its own.
param name string
param location string
param tags object
param insightsId string
param email string
param silentFor string

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'mig-monitor'
    enabled: true
    emailReceivers: [
      {
        name: 'watch'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Migration monitor: no completed run'
    description: 'No check came to its end for ${silentFor}: nobody watches production. Look at the function app.'
    severity: 1
    enabled: true
    scopes: [insightsId]
    evaluationFrequency: 'PT15M'
    windowSize: silentFor
    autoMitigate: true
    // The tables of a component that is minutes old are unknown to the validation.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('silence.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}

resource broken 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${name}-import'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Migration monitor: its code cannot be imported'
    description: 'Functions fail before they begin: the package does not fit the Python of the app. Deploy again with `azd deploy`.'
    severity: 1
    enabled: true
    scopes: [insightsId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('broken.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}
