// The verdicts, durations and the four numbers of the log, over the time that the reader chooses.
param location string
param tags object
param insightsId string

var queries = [
  { title: 'Now', query: loadTextContent('workbook/latest.kql'), visualization: 'table' }
  { title: 'Verdicts', query: loadTextContent('workbook/verdicts.kql'), visualization: 'timechart' }
  {
    title: 'Duration of a run, in seconds'
    query: loadTextContent('workbook/durations.kql')
    visualization: 'timechart'
  }
  {
    title: 'Migrations: execution time and failures'
    query: loadTextContent('workbook/migrations.kql')
    visualization: 'table'
  }
  { title: 'Drift incidents', query: loadTextContent('workbook/drift.kql'), visualization: 'barchart' }
  {
    title: 'Database connection failures'
    query: loadTextContent('workbook/connections.kql')
    visualization: 'barchart'
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insightsId, 'migration-monitor')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Migration monitor'
    category: 'workbook'
    sourceId: insightsId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat(
        [
          {
            type: 9
            name: 'time'
            content: {
              version: 'KqlParameterItem/1.0'
              parameters: [
                {
                  id: guid('time')
                  version: 'KqlParameterItem/1.0'
                  name: 'TimeRange'
                  label: 'Time'
                  type: 4
                  value: { durationMs: 2592000000 }
                  typeSettings: {
                    selectableValues: [{ durationMs: 86400000 }, { durationMs: 604800000 }, { durationMs: 2592000000 }]
                  }
                }
              ]
            }
          }
        ],
        map(queries, each => {
          type: 3
          name: each.title
          content: {
            version: 'KqlItem/1.0'
            title: each.title
            query: each.query
            queryType: 0
            resourceType: 'microsoft.insights/components'
            timeContextFromParameter: 'TimeRange'
            visualization: each.visualization
            size: 0
          }
        })
      )
      fallbackResourceIds: [insightsId]
    })
  }
}

output id string = workbook.id
