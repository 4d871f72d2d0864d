// Reads {name: query} as JSON, and writes what the language service remarks on each: [{name, at, severity, message}].
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
require('@kusto/language-service-next/bridge.min')
require('@kusto/language-service-next/Kusto.Language.Bridge.min')
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces, as a component names its columns.
const TRACES = `(timestamp: datetime, message: string, severityLevel: int, itemType: string, customDimensions: dynamic,
  customMeasurements: dynamic, operation_Name: string, operation_Id: string, operation_ParentId: string,
  operation_SyntheticSource: string, session_Id: string, user_Id: string, user_AuthenticatedId: string,
  user_AccountId: string, application_Version: string, client_Type: string, client_Model: string, client_OS: string,
  client_IP: string, client_City: string, client_StateOrProvince: string, client_CountryOrRegion: string,
  client_Browser: string, cloud_RoleName: string, cloud_RoleInstance: string, appId: string, appName: string,
  iKey: string, sdkVersion: string, itemId: string, itemCount: int, _ResourceId: string)`
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/appexceptions
const EXCEPTIONS = `(timestamp: datetime, problemId: string, handledAt: string, type: string, message: string,
  assembly: string, method: string, outerType: string, outerMessage: string, outerAssembly: string, outerMethod: string,
  innermostType: string, innermostMessage: string, innermostAssembly: string, innermostMethod: string, severityLevel: int,
  details: dynamic, itemType: string, customDimensions: dynamic, customMeasurements: dynamic, operation_Name: string,
  operation_Id: string, cloud_RoleName: string, cloud_RoleInstance: string, itemId: string, itemCount: int)`
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics, the columns that a query of a log names
const DIAGNOSTICS = '(TimeGenerated: datetime, Category: string, Resource: string, Message: string, _ResourceId: string)'
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/pgsqlserverlogs
const SERVER_LOGS = '(TimeGenerated: datetime, LogicalServerName: string, Message: string, _ResourceId: string)'
const exceptions = Symbols.TableSymbol.From(EXCEPTIONS).WithName('exceptions')
const traces = Symbols.TableSymbol.From(TRACES).WithName('traces')
const diagnostics = Symbols.TableSymbol.From(DIAGNOSTICS).WithName('AzureDiagnostics')
const logs = Symbols.TableSymbol.From(SERVER_LOGS).WithName('PGSQLServerLogs')
const database = new Symbols.DatabaseSymbol.$ctor1('component', [traces, exceptions, diagnostics, logs])
const globals = GlobalState.Default.WithDatabase(database)

const remarks = []
for (const [name, query] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics()
  for (let place = 0; place < found.Count; place++) {
    const each = found.getItem(place)
    remarks.push({ name, at: each.Start, severity: each.Severity, message: each.Message })
  }
}
console.log(JSON.stringify(remarks))
