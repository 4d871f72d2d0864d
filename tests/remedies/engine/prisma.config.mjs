// The checkout is where the command is run; this file only stands beside the installed packages.
import path from 'node:path'
import { defineConfig } from 'prisma/config'

export default defineConfig({
  schema: path.join(import.meta.dirname, 'schema.prisma'),
  migrations: { path: path.join(process.cwd(), 'prisma', 'migrations') },
  datasource: { url: process.env.DATABASE_URL },
})
