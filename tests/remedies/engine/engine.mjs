// Prisma's own schema engine, compiled to WebAssembly, over one connection to PostgreSQL.
//
// The driver that Prisma ships beside it sends a script in another way than the native engine does. Here it goes
// as it would there: as one simple query (an implicit transaction) before 7.4, statement by statement from 7.4 on.
import fs from 'node:fs'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'

// How the engine's version is told: our scripts end each statement, and nothing else, with a semicolon and a line's end.
const STATEMENT_END = /(?<=;)\n/
// What the engine reads of its own table; all else as text.
const TYPES = { 16: 'Boolean', 20: 'Int64', 21: 'Int32', 23: 'Int32', 1184: 'DateTime' }

export function parse(databaseUrl) {
  const url = new URL(databaseUrl)
  return {
    schema: url.searchParams.get('schema') ?? 'public',
    config: {
      host: url.hostname,
      port: Number(url.port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
      max: 1,
      idleTimeoutMillis: 0,
      allowExitOnIdle: true,
    },
  }
}

class Connections {
  provider = 'postgres'
  adapterName = '@prisma/adapter-pg'
  refusal = null

  constructor(databaseUrl) {
    Object.assign(this, parse(databaseUrl))
  }

  async connect() {
    const adapter = await new PrismaPg(this.config, { schema: this.schema }).connect()
    // After an error the pool opens another connection.
    const settings = `SET search_path TO "${this.schema.replaceAll('"', '""')}"; SET TimeZone TO 'UTC'`
    adapter.client.on('connect', (connection) => connection.query(settings))
    adapter.queryRaw = async (query) => {
      const { fields, rows } = await adapter.performIO(query)
      const types = fields.map(({ dataTypeID }) => ColumnTypeEnum[TYPES[dataTypeID] ?? 'Text'])
      return { columnNames: fields.map(({ name }) => name), columnTypes: types, rows }
    }
    adapter.executeScript = async (script) => {
      const parts = process.env.ENGINE_SPLITS ? script.split(STATEMENT_END) : [script]
      for (const part of parts) {
        try {
          await adapter.client.query(part)
        } catch (error) {
          this.refusal = error
          adapter.onError(error)
        }
      }
    }
    this.client = adapter.client
    return adapter
  }

  connectToShadowDb() {
    throw new Error('no command of a remedy needs a shadow database')
  }
}

async function engineClass() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => process.stderr.write(`${message}\n`) }
  const folder = path.join(import.meta.dirname, 'node_modules', '@prisma', 'schema-engine-wasm')
  const glue = await import(path.join(folder, 'schema_engine_bg.js'))
  const bytes = fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return glue.SchemaEngine
}

// The engine, with the text of a failed script (P3018) written to the history as the native one writes it.
export async function open(databaseUrl, datamodels) {
  const connections = new Connections(databaseUrl)
  const SchemaEngine = await engineClass()
  const engine = await SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(connections))
  return {
    async call(method, params) {
      try {
        return await engine[method === 'getDatabaseVersion' ? 'version' : method](params)
      } catch (error) {
        if (method !== 'applyMigrations' || connections.refusal === null) throw error
        throw await recorded(connections)
      }
    },
    close: () => connections.client?.end(),
  }
}

async function recorded({ client, refusal }) {
  const unfinished = 'finished_at IS NULL AND rolled_back_at IS NULL'
  const { rows } = await client.query(
    `SELECT id, migration_name FROM _prisma_migrations WHERE ${unfinished} ORDER BY started_at DESC LIMIT 1`,
  )
  const message =
    'A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more ' +
    'about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n' +
    `Migration name: ${rows[0].migration_name}\n\nDatabase error code: ${refusal.code}\n\n` +
    `Database error:\n${refusal.severity}: ${refusal.message}\n\nDbError { severity: "${refusal.severity}" }\n`
  await client.query('UPDATE _prisma_migrations SET logs = $1 WHERE id = $2', [message, rows[0].id])
  return Object.assign(new Error(message), { code: 'P3018' })
}

// As the CLI lists them.
export function migrationsIn(folder) {
  const read = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf-8') : null)
  const names = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return {
    baseDir: path.resolve(folder),
    lockfile: { path: 'migration_lock.toml', content: read(path.join(folder, 'migration_lock.toml')) },
    migrationDirectories: names
      .map(({ name }) => ({ path: name, migrationFile: { path: 'migration.sql', content: script(folder, name) } }))
      .sort((one, other) => one.path.localeCompare(other.path)),
    shadowDbInitScript: '',
  }
}

function script(folder, name) {
  try {
    return { tag: 'ok', value: fs.readFileSync(path.join(folder, name, 'migration.sql'), 'utf-8') }
  } catch (error) {
    return { tag: 'error', value: error.message }
  }
}
