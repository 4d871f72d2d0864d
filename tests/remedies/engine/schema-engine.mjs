#!/usr/bin/env node
// Stands in for the native `schema-engine` program, which the CLI starts: its options and its JSON-RPC, and the real
// engine behind them.
import fs from 'node:fs'
import readline from 'node:readline'
import pg from 'pg'
import { open, parse } from './engine.mjs'

const options = { '--datamodels': [] }
const words = process.argv.slice(2)
while (words.length > 0) {
  const word = words.shift()
  if (word === '--datamodels') options[word].push(words.shift())
  else options[word] = words.shift()
}
const { url } = JSON.parse(options['--datasource'])
if (options.cli === 'can-connect-to-database') {
  const client = new pg.Client(parse(url).config)
  await client.connect()
  await client.end()
  process.exit(0)
}

let engine
let last = Promise.resolve()
readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    last = last.then(() => answer(JSON.parse(line)))
  })
  .on('close', () => last.then(() => engine?.close()).then(() => process.exit(0)))

async function answer({ id, method, params }) {
  // The CLI confirms what it was to print.
  if (method === undefined) return
  const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...message })}\n`)
  try {
    const datamodels = options['--datamodels'].map((file) => [file, fs.readFileSync(file, 'utf-8')])
    engine ??= await open(url, datamodels.length > 0 ? datamodels : undefined)
    const result = (await engine.call(method, params ?? null)) ?? null
    // The native engine has the CLI print what the other one gives.
    if (method === 'diff') send({ method: 'print', params: { content: result.stdout } })
    send({ result })
  } catch (error) {
    const data = { is_panic: false, message: error.message, meta: error.meta ?? null, error_code: error.code }
    send({ error: { code: 4466, message: 'An error happened. Check the data field for details.', data } })
  }
}
