"""Changes of ``schema.prisma`` that were made by hand, each with what differs while no migration makes it.

Prisma's own engine has lowered them: `lowered/NAME.sql` is what it makes of the changed schema, `missing/NAME.sql` the
migration that it would write. The test that is marked ``engine`` makes these files again.
"""

from pathlib import Path

HERE = Path(__file__).parent
SCHEMA = (HERE / "schema.prisma").read_text(encoding="utf-8")

# What is replaced by what in the schema.
CHANGES: dict[str, dict[str, str]] = {
    "model_added": {"model Category {": "model Tag {\n  id Int @id\n}\n\nmodel Category {"},
    "model_removed": {
        SCHEMA[SCHEMA.index("model OrderLine") :]: "",
        "  lines  OrderLine[]\n": "",
    },
    "model_renamed": {"model Category {": "model Topic {", "Category[]": "Topic[]"},
    "model_mapped": {"  posts Post[]\n}": '  posts Post[]\n\n  @@map("categories")\n}'},
    "model_mapped_back": {'  @@map("orders")\n': ""},
    "field_added": {"  birthday ": "  phone     String?\n  birthday "},
    "field_added_required": {"  birthday ": "  phone     String\n  birthday "},
    "field_removed": {"  birthday  DateTime? @db.Date\n": ""},
    "field_renamed": {"  birthday ": "  born "},
    "field_mapped": {"  birthday  DateTime?": '  birthday  DateTime? @map("born_on")'},
    "field_mapped_back": {' @map("secret_bytes")': ""},
    "field_required": {"  name      String?": "  name      String"},
    "field_optional": {"  title      String\n": "  title      String?\n"},
    "field_list": {"  body       String?": "  body       String[]", "\n  @@index([body], type: Hash)": ""},
    "type_to_bigint": {
        "  number Int\n  order ": "  number BigInt\n  order ",
        "  number Int\n  userId": "  number BigInt\n  userId",
    },
    "type_to_text": {"  birthday  DateTime? @db.Date": "  birthday  String?"},
    "type_to_enum": {'  code      String    @default("none") @db.VarChar(40)': "  code      Role      @default(USER)"},
    "type_to_unsupported": {"  birthday  DateTime? @db.Date": '  birthday  Unsupported("tsvector")?'},
    "native_length": {"@db.VarChar(40)": "@db.VarChar(50)"},
    "native_precision": {"@db.Decimal(12, 2)": "@db.Decimal(14, 2)"},
    "native_removed": {" @db.VarChar(40)": ""},
    "native_time_zone": {
        "  createdAt DateTime  @default(now())": "  createdAt DateTime  @default(now()) @db.Timestamptz(3)"
    },
    "native_fraction": {"@db.Timestamptz(6)": "@db.Timestamptz(3)"},
    "native_json": {"  settings  Json ": "  settings  Json @db.Json "},
    "default_added": {"  title      String\n": '  title      String     @default("")\n'},
    "default_removed": {" @default(true)": ""},
    "default_text": {'@default("none")': '@default("some")'},
    "default_number": {"@default(1.5)": "@default(2.5)"},
    "default_bigint": {"  visits    BigInt    @default(0)": "  visits    BigInt    @default(10)"},
    "default_boolean": {"@default(true)": "@default(false)"},
    "default_enum": {"@default(USER)": "@default(ADMIN)"},
    "default_json": {'\\"dark\\"': '\\"light\\"'},
    "default_list": {"@default([])": '@default(["new"])'},
    "default_now": {"  updatedAt DateTime  @updatedAt": "  updatedAt DateTime  @default(now()) @updatedAt"},
    "default_now_removed": {"@default(now())": ""},
    "default_expression": {'dbgenerated("gen_random_uuid()")': 'dbgenerated("uuid_generate_v4()")'},
    "default_expression_added": {
        "  seenAt    DateTime?": '  seenAt    DateTime? @default(dbgenerated("clock_timestamp()"))'
    },
    "autoincrement_added": {"  id    Int    @id\n": "  id    Int    @id @default(autoincrement())\n"},
    "autoincrement_removed": {"  id        Int       @id @default(autoincrement())": "  id        Int       @id"},
    "enum_added": {"enum Role {": "enum Colour {\n  RED\n}\n\nenum Role {"},
    "enum_removed": {"enum Role {\n  USER\n  ADMIN\n}\n": "", "  role      Role      @default(USER)\n": ""},
    "enum_value_added": {"  ADMIN\n}": "  ADMIN\n  GUEST\n}"},
    "enum_value_removed": {"  ADMIN\n}": "}"},
    "enum_value_mapped": {"  ADMIN\n}": '  ADMIN @map("admin")\n}'},
    "id_changed": {"@@id([region, number])": "@@id([number, region])"},
    "id_named": {"@@id([region, number])": '@@id([region, number], map: "orders_key")'},
    "unique_added": {"  title      String\n": "  title      String     @unique\n"},
    "unique_removed": {"  @@unique([authorId, title])\n": ""},
    "unique_changed": {"@@unique([authorId, title])": "@@unique([title, authorId])"},
    "unique_named": {"@@unique([authorId, title])": '@@unique([authorId, title], map: "one_title")'},
    "index_added": {"  @@unique([authorId, title])\n": "  @@unique([authorId, title])\n  @@index([title])\n"},
    "index_removed": {"\n  @@index([name, createdAt])\n": ""},
    "index_sorted": {"@@index([name, createdAt])": "@@index([name, createdAt(sort: Desc)])"},
    "index_method": {"@@index([body], type: Hash)": "@@index([body])"},
    "index_operators": {"@@index([body], type: Hash)": '@@index([body(ops: raw("text_pattern_ops"))])'},
    "index_named": {"@@index([name, createdAt])": '@@index([name, createdAt], map: "by_name")'},
    "index_unique": {"@@index([name, createdAt])": "@@unique([name, createdAt])"},
    "relation_added": {
        "  posts     Post[]\n": '  posts     Post[]\n  edited    Post[]    @relation("editor")\n',
        "  categories Category[]": '  editorId   Int?\n  editor     User?      @relation("editor", fields: [editorId], references: [id])\n  categories Category[]',
    },
    "relation_removed": {
        "  user   User?       @relation(fields: [userId], references: [id])\n": "",
        "  orders    Order[]\n": "",
    },
    "relation_on_delete": {"onDelete: Cascade": "onDelete: Restrict"},
    "relation_on_update": {"onDelete: Cascade": "onDelete: Cascade, onUpdate: NoAction"},
    "relation_named": {"references: [id], onDelete: Cascade": 'references: [id], onDelete: Cascade, map: "by_author"'},
    "relation_many_added": {
        "  lines  OrderLine[]\n": "  lines  OrderLine[]\n  topics Category[]\n",
        "  posts Post[]\n}": "  posts Post[]\n  orders Order[]\n}",
        "@@id([region, number])": "@@unique([region, number])\n  id Int @id",
    },
    "relation_many_removed": {"  categories Category[]\n": "", "  posts Post[]\n": ""},
    "relation_many_named": {
        "  categories Category[]": '  categories Category[] @relation("topics")',
        "  posts Post[]\n}": '  posts Post[] @relation("topics")\n}',
    },
}
# What one may write otherwise without a change of the schema.
UNCHANGED: dict[str, dict[str, str]] = {
    "comment": {"model Post {": "/// Somebody wrote it.\nmodel Post {"},
    "order_of_fields": {"  title      String\n  body       String?\n": "  body       String?\n  title      String\n"},
    "order_of_values": {"  USER\n  ADMIN\n": "  ADMIN\n  USER\n"},
    "client_default": {"@default(uuid())": "@default(cuid())"},
    "json_spaces": {'"{\\"theme\\": \\"dark\\"}"': '"{ \\"theme\\" : \\"dark\\" }"'},
    "decimal_digits": {"@default(0) @db.Decimal(12, 2)": "@default(0.00) @db.Decimal(12, 2)"},
    "field_called_otherwise": {"  name  String\n": '  label String @map("name")\n'},
}


# Statements of migrations that make what Prisma's schema language cannot say: none of them is a difference.
NOT_SEEN: dict[str, str] = {
    "check": 'ALTER TABLE "User" ADD CHECK (visits >= 0);',
    "exclusion": 'ALTER TABLE "Post" ADD EXCLUDE (title WITH =);',
    "trigger": """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
        CREATE TRIGGER touch BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch();
    """,
    "view": 'CREATE VIEW everybody AS SELECT * FROM "User"; CREATE MATERIALIZED VIEW kept AS SELECT id FROM "User";',
    "partial_index": 'CREATE UNIQUE INDEX one_admin ON "User" (role) WHERE active;',
    "condition_of_an_index": """
        DROP INDEX "User_name_createdAt_idx";
        CREATE INDEX "User_name_createdAt_idx" ON "User" (name, "createdAt") WHERE active;
    """,
    "expression_index": 'CREATE INDEX by_lower ON "User" (lower(email), name);',
    "comment": """COMMENT ON TABLE "User" IS 'people'; COMMENT ON COLUMN "User".email IS 'of work';""",
    "policy": 'ALTER TABLE "User" ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON "User" USING (true);',
    "partitions": """
        DROP TABLE "OrderLine";
        CREATE TABLE "OrderLine" (id serial NOT NULL, region text NOT NULL, number integer NOT NULL, secret_bytes bytea,
            CONSTRAINT "OrderLine_pkey" PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE first_lines PARTITION OF "OrderLine" FOR VALUES FROM (0) TO (1000);
        ALTER TABLE "OrderLine" ADD CONSTRAINT "OrderLine_region_number_fkey" FOREIGN KEY (region, number)
            REFERENCES orders ON DELETE RESTRICT ON UPDATE CASCADE;
    """,
    "extension": "CREATE EXTENSION pg_trgm; CREATE EXTENSION citext;",
    "sequence": "CREATE SEQUENCE tickets; CREATE DOMAIN positive AS integer CHECK (value > 0);",
    "composite": "CREATE TYPE pair AS (one integer, other integer);",
    "schema": "CREATE SCHEMA audit; CREATE TABLE audit.log (id integer); CREATE TYPE audit.kind AS ENUM ('a');",
    "postgis": "CREATE TABLE spatial_ref_sys (srid integer PRIMARY KEY);",
    "history": "CREATE TABLE _prisma_migrations (id text PRIMARY KEY);",
    "constraint_for_index": """
        DROP INDEX "User_email_key";
        ALTER TABLE "User" ADD CONSTRAINT "User_email_key" UNIQUE NULLS NOT DISTINCT (email) DEFERRABLE;
    """,
    "second_index": 'CREATE INDEX another ON "User" (name, "createdAt");',
    "order_of_nulls": """
        DROP INDEX "User_name_createdAt_idx";
        CREATE INDEX "User_name_createdAt_idx" ON "User" (name COLLATE "C" NULLS FIRST, "createdAt") WITH (fillfactor = 70);
    """,
    "usual_operators": """
        DROP INDEX "User_name_createdAt_idx";
        CREATE INDEX "User_name_createdAt_idx" ON "User" (name text_ops, "createdAt" timestamp_ops);
    """,
    "identity": """
        ALTER TABLE "User" ALTER id DROP DEFAULT, ALTER id ADD GENERATED ALWAYS AS IDENTITY (START WITH 100);
    """,
    "deferrable": """
        ALTER TABLE "Post" DROP CONSTRAINT "Post_authorId_fkey", ADD CONSTRAINT "Post_authorId_fkey"
            FOREIGN KEY ("authorId") REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE NOT VALID;
    """,
    "key_of_join": 'ALTER TABLE "_CategoryToPost" RENAME CONSTRAINT "_CategoryToPost_A_fkey" TO of_category;',
    "collation": 'ALTER TABLE "Category" ALTER name TYPE text COLLATE "C";',
    "list_required": 'ALTER TABLE "User" ALTER tags SET NOT NULL;',
    "list_written_otherwise": """ALTER TABLE "User" ALTER tags SET DEFAULT '{}';""",
    "now": 'ALTER TABLE "User" ALTER "createdAt" SET DEFAULT now();',
    "json_spaces": """ALTER TABLE "User" ALTER settings SET DEFAULT '{ "theme":"dark" }'::jsonb;""",
    "number_written_otherwise": """ALTER TABLE "User" ALTER score SET DEFAULT '1.50', ALTER visits SET DEFAULT '0';""",
    "fraction": 'ALTER TABLE "User" ALTER "seenAt" TYPE timestamptz;',
    "domain": 'CREATE DOMAIN label AS text; ALTER TABLE "Category" ALTER name TYPE label;',
    "unlogged": 'ALTER TABLE "OrderLine" SET UNLOGGED;',
    "storage": 'ALTER TABLE "User" ALTER name SET STORAGE EXTERNAL;',
}


def changed(change: dict[str, str]) -> str:
    """The schema after *change*, which must apply."""
    text = SCHEMA
    for old, new in change.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
