// Prisma's own schema engine, compiled to WebAssembly, over one connection to PostgreSQL.
//
// The driver that Prisma ships beside it sends a script in another way than the native engine does. Here it goes
// as it would there: as one simple query (an implicit transaction) before 7.4, statement by statement from 7.4 on.
import fs from 'node:fs'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'

// In quotes, and for a startup option: its blanks and backslashes behind a backslash.
const option = (schema) => `"${schema.replaceAll('"', '""')}"`.replaceAll(/[\\ ]/g, '\\$&')

// What the engine reads of its own table and, for `db pull`, of the catalogs; all else as text.
const TYPES = { 16: 'Boolean', 18: 'Character', 20: 'Int64', 21: 'Int32', 23: 'Int32', 26: 'Int64', 1184: 'DateTime' }

export function parse(databaseUrl) {
  const url = new URL(databaseUrl)
  // As the native engine connects: a schema in the URL is sent as the whole search_path, and wins over all settings;
  // without one the role's own search_path counts. Nothing is sent of the time zone.
  const schema = url.searchParams.get('schema')
  return {
    schema: schema ?? 'public',
    config: {
      host: url.hostname,
      port: Number(url.port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
      options: [url.searchParams.get('options'), schema && `-c search_path=${option(schema)}`].filter(Boolean).join(' '),
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
  // What was sent of each script: how many statements of each part ended, by the server's own word, and whether all did.
  sent = []

  constructor(databaseUrl, parts) {
    Object.assign(this, parse(databaseUrl), { parts })
  }

  async connect() {
    const adapter = await new PrismaPg(this.config, { schema: this.schema }).connect()
    // After an error the pool opens another connection.
    adapter.client.on('connect', (client) => {
      client.connection.on('commandComplete', ({ text }) => this.part?.ended.push(text))
    })
    adapter.queryRaw = async (query) => {
      const { fields, rows } = await adapter.performIO(query)
      const types = fields.map(({ dataTypeID }) => ColumnTypeEnum[TYPES[dataTypeID] ?? 'Text'])
      return { columnNames: fields.map(({ name }) => name), columnTypes: types, rows }
    }
    adapter.executeScript = async (script) => {
      const pieces = []
      this.sent.push({ script, pieces })
      for (const text of this.parts(script)) {
        this.part = { ended: [], failed: false }
        pieces.push(this.part)
        try {
          await adapter.client.query(text)
        } catch (error) {
          this.part.failed = true
          this.refusal = { error, text }
          adapter.onError(error)
        } finally {
          this.part = null
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

let loaded

async function engineClass() {
  loaded ??= await load()
  return loaded
}

async function load() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => process.stderr.write(`${message}\n`) }
  const folder = path.join(import.meta.dirname, 'node_modules', '@prisma', 'schema-engine-wasm')
  const glue = await import(path.join(folder, 'schema_engine_bg.js'))
  const bytes = fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return glue.SchemaEngine
}

// In which parts a script is sent: by the *file* that says so of every script, else whole.
function partsBy(file) {
  const known = file ? JSON.parse(fs.readFileSync(file, 'utf-8')) : null
  return (script) => {
    if (known === null) return [script]
    if (script.trim() === '') return []
    if (!(script in known)) throw new Error(`nobody has said in which parts this is sent: ${script}`)
    return known[script]
  }
}

// The engine, with the text of a failed script (P3018) written to the history as the native one writes it.
export async function open(databaseUrl, datamodels, partsFile = process.env.ENGINE_PARTS) {
  const connections = new Connections(databaseUrl, partsBy(partsFile))
  const SchemaEngine = await engineClass()
  const engine = await SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(connections))
  return {
    sent: connections.sent,
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

async function recorded({ client, refusal: { error, text } }) {
  const unfinished = 'finished_at IS NULL AND rolled_back_at IS NULL'
  const { rows } = await client.query(
    `SELECT id, migration_name FROM _prisma_migrations WHERE ${unfinished} ORDER BY started_at DESC LIMIT 1`,
  )
  const message =
    'A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more ' +
    'about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n' +
    `Migration name: ${rows[0].migration_name}\n\nDatabase error code: ${error.code}\n\n` +
    `Database error:\n${shown(error)}${place(error, text)}\n\n${debugged(error)}\n`
  await client.query('UPDATE _prisma_migrations SET logs = $1 WHERE id = $2', [message, rows[0].id])
  return Object.assign(new Error(message), { code: 'P3018' })
}

function shown({ severity, message, detail, hint }) {
  return [`${severity}: ${message}`, detail && `DETAIL: ${detail}`, hint && `HINT: ${hint}`].filter(Boolean).join('\n')
}

// The line at fault, in red, and up to five before it: the position is one of what was sent, not of the file.
function place({ position }, text) {
  if (!position) return ''
  const lines = text.split('\n')
  let at = 0
  for (let end = lines[0].length + 1; end < Number(position) && at + 1 < lines.length; end += lines[at].length + 1) at += 1
  const before = lines.slice(Math.max(0, at - 5), at).map((line, i) => [at - Math.min(at, 5) + i + 1, line])
  const numbered = before.map(([number, line]) => `\x1b[1m${String(number).padStart(3)}\x1b[0m ${line}\n`).join('')
  return `\n\nPosition:\n${numbered}\x1b[1m${String(at + 1).padStart(3)}\x1b[1;31m ${lines[at]}\x1b[0m`
}

// As Rust prints the driver's error.
function debugged(error) {
  const some = (text) => (text === undefined ? 'None' : `Some(${JSON.stringify(text)})`)
  const fields = {
    severity: JSON.stringify(error.severity),
    parsed_severity: 'Some(Error)',
    code: `SqlState(E${error.code})`,
    message: JSON.stringify(error.message),
    detail: some(error.detail),
    hint: some(error.hint),
    position: error.position ? `Some(Original(${error.position}))` : 'None',
    where_: some(error.where),
    schema: some(error.schema),
    table: some(error.table),
    column: some(error.column),
    datatype: some(error.dataType),
    constraint: some(error.constraint),
    file: some(error.file),
    line: error.line ? `Some(${error.line})` : 'None',
    routine: some(error.routine),
  }
  return `DbError { ${Object.entries(fields).map(([name, value]) => `${name}: ${value}`).join(', ')} }`
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
