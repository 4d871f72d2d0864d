// The engine, resident: what each `npx prisma migrate …` of a worker would load again is loaded once.
//
// A request is its words, each ended by NUL, the first their number: the URL, the folder it is called from, the file that
// says in which parts scripts are sent (empty: each whole), the command's words. The answer is a line of JSON. The word
// `sent` alone asks for what was sent.
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { migrationsIn, open } from './engine.mjs'

const filters = { externalTables: [], externalEnums: [] }
const calls = {
  deploy: (migrationsList) => ['applyMigrations', { migrationsList, filters }],
  diagnose: (migrationsList) => ['diagnoseMigrationHistory', { migrationsList, optInToShadowDatabase: false, filters }],
  'resolve --applied': (migrationsList, migrationName) => ['markMigrationApplied', { migrationsList, migrationName }],
  'resolve --rolled-back': (_, migrationName) => ['markMigrationRolledBack', { migrationName }],
}

// All that was sent of scripts since somebody asked.
const sent = []

async function answer([url, folder, partsFile, ...words]) {
  if (url === 'sent') return { status: 0, result: sent.splice(0) }
  const [, command, option, name] = words // prisma's `migrate`
  const migrationsList = migrationsIn(path.join(folder, 'prisma', 'migrations'))
  const engine = await open(url, undefined, partsFile)
  const done = { status: 0, result: null, error: null }
  try {
    done.result = (await engine.call(...calls[[command, option].filter(Boolean).join(' ')](migrationsList, name))) ?? null
  } catch (error) {
    Object.assign(done, { status: 1, error: `${error.code ?? error.name}: ${error.message}` })
  }
  await engine.close()
  sent.push(...engine.sent)
  return done
}

let last = Promise.resolve()
const server = net.createServer((socket) => {
  let text = ''
  socket.setEncoding('utf-8')
  socket.on('error', () => {})
  socket.on('data', (more) => {
    text += more
    const words = text.split('\0')
    if (words.length - 2 !== Number(words[0])) return
    last = last.then(async () => {
      const done = await answer(words.slice(1, -1)).catch((error) => ({ status: 1, error: String(error) }))
      socket.end(`${JSON.stringify(done)}\n`)
    })
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
// The process that started it keeps its standard input open for as long as it is needed.
process.stdin.on('end', () => process.exit(0)).resume()
