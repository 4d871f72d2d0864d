// Everything that the client of one release does with each of its models, on each of some databases.
//
// Read from standard input: { client: the generated client's folder, schema: its schema.prisma, urls: of the databases }.
// Written: for each database { operation: null, or the error with which it failed }. Each operation runs in a transaction
// that is rolled back. Foreign keys are not enforced, so that a row may refer to rows that nobody made; triggers do not run.
import crypto from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import wasm from '@prisma/prisma-schema-wasm'

const asked = JSON.parse(fs.readFileSync(0, 'utf-8'))
const { PrismaClient } = createRequire(import.meta.url)(asked.client)
const { datamodel } = JSON.parse(wasm.get_dmmf(JSON.stringify({ prismaSchema: asked.schema, noColor: true })))
const enums = new Map(datamodel.enums.map(({ name, values }) => [name, values]))

// Each value of a field is a new one, where its type has enough of them.
let made = 1000

function text([native, [length] = []] = []) {
  made += 1
  if (native === 'Uuid') return crypto.randomUUID()
  if (native === 'Inet') return `10.0.${made >> 8}.${made & 255}`
  if (native === 'Xml') return `<a>${made}</a>`
  if (native === 'Bit' || native === 'VarBit') return '1'.repeat(Number(length ?? 1))
  const some = made.toString(36)
  return native === 'Char' || native === 'VarChar' ? some.slice(-Number(length ?? some.length)) : some
}

const VALUES = {
  String: ({ nativeType }) => text(nativeType ?? undefined),
  Int: () => (made += 1),
  BigInt: () => BigInt((made += 1)),
  Float: () => (made += 1) + 0.5,
  Decimal: ({ nativeType }) => {
    const [precision, scale] = (nativeType?.[1] ?? []).map(Number)
    return String((made += 1) % 10 ** Math.min(9, precision === undefined ? 9 : precision - (scale ?? 0)))
  },
  Boolean: () => true,
  DateTime: () => new Date(Date.UTC(2020, 0, 1) + 86_400_000 * (made += 1)),
  Json: () => ({ a: (made += 1) }),
  Bytes: () => new Uint8Array([1, 2, (made += 1) & 255]),
}

function value(field) {
  const one = field.kind === 'enum' ? enums.get(field.type)[0].name : VALUES[field.type](field)
  return field.isList ? [one] : one
}

const values = (fields) => Object.fromEntries(fields.map((field) => [field.name, value(field)]))
const counted = ({ default: given }) => given?.name === 'autoincrement'

// The fields by which one row is found: the primary key, else the first key whose fields are all required.
function keyOf(model) {
  const one = (name) => ({ fields: [name] })
  const required = (names) => names.every((name) => model.fields.find((field) => field.name === name).isRequired)
  const keys = [
    ...(model.primaryKey ? [model.primaryKey] : []),
    ...model.fields.filter(({ isId }) => isId).map(({ name }) => one(name)),
    ...model.fields.filter(({ isUnique }) => isUnique).map(({ name }) => one(name)),
    ...model.uniqueIndexes,
  ]
  return keys.find(({ fields }) => required(fields))
}

function selects(key, row) {
  const fields = Object.fromEntries(key.fields.map((name) => [name, row[name]]))
  return key.fields.length === 1 ? fields : { [key.name ?? key.fields.join('_')]: fields }
}

// The operations of one model: their names, and what each does in a transaction with a row that was made before it.
function operationsOf(model) {
  const written = model.fields.filter((field) => field.kind === 'scalar' || field.kind === 'enum')
  const needed = written.filter((field) => field.isRequired && !field.hasDefaultValue && !field.isList)
  const given = written.filter((field) => !counted(field))
  const compared = written.filter((field) => field.type !== 'Json' && !field.isList)
  const key = keyOf(model)
  const changed = given.filter(({ name }) => !key?.fields.includes(name))
  const optional = changed.filter(({ isRequired }) => !isRequired)
  const delegate = model.name[0].toLowerCase() + model.name.slice(1)
  const creates = {
    'create with all fields': (client) => client[delegate].create({ data: values(given) }),
    create: (client) => client[delegate].create({ data: values(needed) }),
  }
  for (const field of given.filter(({ kind }) => kind === 'enum')) {
    for (const { name } of enums.get(field.type)) {
      const data = { [field.name]: field.isList ? [name] : name }
      creates[`create with ${field.name} ${name}`] = (client) => client[delegate].create({ data: { ...values(needed), ...data } })
    }
  }
  const others = {
    findMany: (client) => client[delegate].findMany(),
    'findFirst by all fields': (client) => client[delegate].findFirst({ where: values(compared) }),
  }
  for (const { name, kind } of model.fields) {
    if (kind === 'object') others[`findFirst with ${name}`] = (client) => client[delegate].findFirst({ include: { [name]: true } })
  }
  if (key) {
    const keyed = written.filter(({ name }) => key.fields.includes(name))
    const where = (row) => selects(key, row ?? values(keyed))
    const upsert = (client, row) => {
      const created = { ...values(needed), ...(row ?? values(keyed)) }
      const create = Object.fromEntries([...needed, ...keyed].map(({ name }) => [name, created[name]]))
      return client[delegate].upsert({ where: selects(key, created), create, update: values(changed) })
    }
    others.upsert = upsert
    others['upsert of a new row'] = (client) => upsert(client)
    others.update = (client, row) => client[delegate].update({ where: where(row), data: values(changed) })
    const nothing = () => Object.fromEntries(optional.map(({ name }) => [name, null]))
    others['update to NULL'] = (client, row) => client[delegate].update({ where: where(row), data: nothing() })
    others.delete = (client, row) => client[delegate].delete({ where: where(row) })
  }
  return { creates, others }
}

class Undone extends Error {}
// However slow the machine is: both are the client's own limits, in milliseconds.
const PATIENT = { maxWait: 600_000, timeout: 600_000 }

// The error of what *does* something in a transaction, or null.
async function failure(client, does) {
  try {
    await client.$transaction(async (transaction) => {
      await does(transaction)
      throw new Undone()
    }, PATIENT)
  } catch (error) {
    return error instanceof Undone ? null : error
  }
}

function said(error) {
  const cause = error.meta?.driverAdapterError?.cause
  const codes = [error.code ?? error.constructor.name, cause?.originalCode].filter(Boolean).join('/')
  return `${codes} ${error.message.trim().split('\n').pop()}`
}

async function tryAll(url) {
  const adapter = new PrismaPg({ connectionString: url, max: 1, options: '-c session_replication_role=replica' })
  const client = new PrismaClient({ adapter, log: [] })
  const found = {}
  for (const model of datamodel.models) {
    const { creates, others } = operationsOf(model)
    let makeRow
    for (const [name, create] of Object.entries(creates)) {
      const error = await failure(client, create)
      found[`${model.name} ${name}`] = error && said(error)
      if (error === null) makeRow ??= create
    }
    for (const [name, does] of Object.entries(others)) {
      const error = await failure(client, async (transaction) => does(transaction, await makeRow?.(transaction)))
      // Without a row to work on, that there is none is no failure.
      const fails = error !== null && !(makeRow === undefined && error.code === 'P2025')
      found[`${model.name} ${name}`] = fails ? said(error) : null
    }
  }
  await client.$disconnect()
  return found
}

const answers = []
for (const url of asked.urls) answers.push(await tryAll(url))
process.stdout.write(JSON.stringify(answers))
