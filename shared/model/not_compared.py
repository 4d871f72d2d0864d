"""What the schema check compares of no database, in words for people."""

# Compared where the release carries what Prisma makes of it.
PRISMA_SCHEMA = "schema.prisma"
# What no release's SQL is held against. tests/gather/catalog_columns.tsv holds it against every
# column of pg_catalog, 13 to 18.
# Compared where the settings ask for it.
PRIVILEGES = "owners, privileges and roles"
OTHER_PRIVILEGES = (
    "owners and privileges of the database, languages, foreign servers, tablespaces, parameters and large objects"
)
NOT_COMPARED = (
    PRISMA_SCHEMA,
    "rows other than seeds",
    PRIVILEGES,
    "comments and security labels",
    "tablespaces and table access methods",
    "storage modes, compression and statistics targets of the columns of indexes and materialized views",
    "parameters of operator classes",
    "the order of columns",
    "types that tables are made of (CREATE TABLE … OF)",
    "whether a child table declares what it inherits itself, too",
    "detachments of partitions that have not ended",
    "connections, options and progress of subscriptions",
    "servers, foreign-data wrappers and user mappings",
    "constraints and triggers of foreign tables, and values of their options that may be secret",
    "conversions and languages",
    "window functions",
    "members that are added to operator families of the system and of extensions",
    "transforms and access methods",
    "base types",
    "costs, estimates, support functions and transforms of routines",
    "library files of routines in C",
    "names of not-null constraints",
    "validity of the indexes of keys and constraints",
    "disabled checks of deferrable unique and exclusion constraints",
    "triggers that are disabled on a partition alone",
    "defaults of views' columns",
    "whether materialized views hold data",
    "whether sequences are unlogged",
    "states of sequences and large objects",
    "marks of objects that depend on an extension (DEPENDS ON EXTENSION)",
)
