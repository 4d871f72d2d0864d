// What `prisma migrate diff --script` prints, many times in one process: of each line of JSON on standard input, an object
// {schema, before}, the SQL that `schema` is lowered to, and the migration to it from the schema `before` or, where that
// is null, from the database at the URL.
import readline from 'node:readline'
import { open } from './engine.mjs'

const filters = { externalTables: [], externalEnums: [] }
const files = (content) => [{ path: 'schema.prisma', content }]
const engine = await open(process.argv[2])

async function sql(from, schema) {
  const to = { tag: 'schemaDatamodel', files: files(schema) }
  return (await engine.call('diff', { from, to, script: true, exitCode: null, filters })).stdout
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { schema, before } = JSON.parse(line)
  const from =
    before === null
      ? { tag: 'schemaDatasource', configDir: process.cwd(), files: files(schema) }
      : { tag: 'schemaDatamodel', files: files(before) }
  const answer = { lowered: await sql({ tag: 'empty' }, schema), missing: await sql(from, schema) }
  await new Promise((done) => process.stdout.write(`${JSON.stringify(answer)}\n`, done))
}
await engine.close()
