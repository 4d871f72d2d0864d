// `prisma migrate deploy | resolve`, the engine alone: what the CLI does for these, without the seconds it takes to start.
import path from 'node:path'
import { migrationsIn, open } from './engine.mjs'

const [, command, option, name] = process.argv.slice(2)
const migrationsList = migrationsIn(path.join(process.cwd(), 'prisma', 'migrations'))
const calls = {
  deploy: ['applyMigrations', { migrationsList, filters: { externalTables: [], externalEnums: [] } }],
  'resolve --applied': ['markMigrationApplied', { migrationsList, migrationName: name }],
  'resolve --rolled-back': ['markMigrationRolledBack', { migrationName: name }],
}
let status = 0
const engine = await open(process.env.DATABASE_URL)
try {
  const answer = await engine.call(...calls[[command, option].filter(Boolean).join(' ')])
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`)
} catch (error) {
  process.stderr.write(`${error.code ?? error.name}: ${error.message}\n`)
  status = 1
}
await engine.close()
// The engine waits for the advisory lock with a timer of 10 s, which would keep the process alive.
process.exit(status)
