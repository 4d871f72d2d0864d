#!/usr/bin/env node
// Prisma's own schema engine, compiled to WebAssembly, in the place of its native binary: one `diff` over JSON-RPC.
// Only the connection to the database is ours, to be as the native one: a script goes as a whole, in one query, and the
// shadow database is another than the watched one. (The stock adapter splits scripts and knows no type "char".)
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum as Type, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

const TYPES = {
  16: Type.Boolean, 18: Type.Character, 20: Type.Int64, 21: Type.Int32, 23: Type.Int32, 26: Type.Int64,
  1002: Type.CharacterArray, 1003: Type.TextArray, 1005: Type.Int32Array, 1007: Type.Int32Array, 1009: Type.TextArray,
}
const datasource = JSON.parse(process.argv[process.argv.indexOf('--datasource') + 1])

async function open(connectionString) {
  const adapter = await new PrismaPg({ connectionString, max: 1 }, { schema: 'public' }).connect()
  adapter.queryRaw = async (query) => {
    const { fields, rows } = await adapter.performIO(query)
    return {
      columnNames: fields.map((field) => field.name),
      columnTypes: fields.map((field) => TYPES[field.dataTypeID] ?? Type.Text),
      rows,
    }
  }
  adapter.executeScript = async (script) => void (await adapter.client.query(script))
  return adapter
}

async function start() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) }
  const folder = new URL('node_modules/@prisma/schema-engine-wasm/', import.meta.url)
  const glue = await import(new URL('schema_engine_bg.js', folder))
  const module = new WebAssembly.Module(readFileSync(new URL('schema_engine_bg.wasm', folder)))
  const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(exports)
  exports.__wbindgen_start()
  const databases = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(datasource.url),
    connectToShadowDb: () => open(datasource.shadowDatabaseUrl),
  }
  return await glue.SchemaEngine.new({}, () => {}, bindMigrationAwareSqlAdapterFactory(databases))
}

const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n')

if (process.argv.includes('cli')) process.exit(0) // can-connect-to-database
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (!method) continue
  try {
    const { stdout, exitCode } = await (await start())[method](params)
    send({ id: id + 1000, method: 'print', params: { content: stdout } })
    send({ id, result: { exitCode } })
  } catch (error) {
    send({ id, error: { code: 4466, message: error.message, data: { is_panic: false, message: error.message, meta: null } } })
  }
}
process.exit(0)
