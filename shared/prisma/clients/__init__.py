"""What a client of one release suffers on the database of another, in Prisma's codes and by operation.

A client knows a schema (`Tables` of its release's ``schema.sql``); the database has one. All that is said follows from
holding one against the other, whichever is newer. Observed with the real client, version 7.10 with the driver adapter
of node-postgres (tests/prisma/clients/client.tsv).
"""
