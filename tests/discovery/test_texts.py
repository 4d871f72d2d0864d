"""What single files say, read as text: tables of what people write. Pure."""

import pytest

from shared.discovery.compose import PostgresService, postgres_services
from shared.discovery.lock_files import of_manifest, prisma_version
from shared.discovery.prisma_config import PrismaConfig, read_config
from shared.discovery.schema_prisma import PrismaSchema, provider_of_lock_file, read_schema

DEFINED = "export default defineConfig({%s})"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", PrismaConfig(), id="nothing"),
        pytest.param(DEFINED % "tables: { external: ['auth.users', \"log\"] }", PrismaConfig(external=("auth.users", "log")), id="external tables"),
        pytest.param(DEFINED % "tables: { external: [\n // 'a',\n 'b', /* 'c', */ `d`,\n] },", PrismaConfig(external=("b", "d")), id="comments are none"),
        pytest.param(DEFINED % "enums: { external: ['a.b'] }", PrismaConfig(), id="enums are no tables"),
        pytest.param(DEFINED % "tables: { external: others }", PrismaConfig(), id="a variable is not known"),
        pytest.param("const external = ['a'];" + DEFINED % "", PrismaConfig(), id="another external"),
        pytest.param(DEFINED % "tables: { external: [`${schema}.a`, 'b'] }", PrismaConfig(external=("b",)), id="a template is not known"),
        pytest.param(DEFINED % "'tables': { 'external': ['it\\'s'] }", PrismaConfig(external=("it's",)), id="keys in quotes"),
        pytest.param(DEFINED % "migrations: { path: 'm', seed: 'tsx prisma/seed.ts' }", PrismaConfig(seed="tsx prisma/seed.ts"), id="seed"),
        pytest.param(DEFINED % "migrations: { nested: { seed: 'a' } }, seed: 'b'", PrismaConfig(), id="another seed"),
        pytest.param(DEFINED % "migrations: { seed: `node ${join('a')}` }", PrismaConfig(), id="a seed that is made"),
        pytest.param(DEFINED % "datasource: { url: env('DIRECT_URL') }", PrismaConfig(variables=("DIRECT_URL",)), id="env()"),
        pytest.param(DEFINED % "datasource: { url: process.env.A ?? process.env.B }", PrismaConfig(variables=("A", "B")), id="process.env"),
        pytest.param(DEFINED % "datasource: { url: env('A; rm -rf /') }", PrismaConfig(), id="a name that is none"),
        pytest.param("{" * 10_000 + "tables: { external: ['a'", PrismaConfig(external=("a",)), id="cut off"),
    ],
)  # fmt: skip
def test_settings_of_prisma(text: str, found: PrismaConfig) -> None:
    assert read_config(text) == found


@pytest.mark.parametrize(
    ("name", "text", "folder", "version"),
    [
        pytest.param("package-lock.json", '{"packages": {"node_modules/prisma": {"version": "6.19.2"}}}', "", "6.19", id="npm"),
        pytest.param("package-lock.json", '{"packages": {"apps/api/node_modules/prisma": {"version": "7.1.0"}, "node_modules/prisma": {"version": "6.1.0"}}}', "apps/api", "7.1", id="npm, a workspace with its own"),
        pytest.param("package-lock.json", '{"dependencies": {"prisma": {"version": "4.0.0"}}}', "", "4.0", id="npm 6"),
        pytest.param("package-lock.json", '{"packages": []}', "", None, id="npm, something else"),
        pytest.param("package-lock.json", "[" * 100_000, "", None, id="npm, too deep"),
        pytest.param("pnpm-lock.yaml", "importers:\n\n  .:\n    dependencies:\n      prisma:\n        specifier: ^7.6.0\n        version: 7.6.0(typescript@5.9.3)\n", "", "7.6", id="pnpm"),
        pytest.param("pnpm-lock.yaml", "importers:\n  a:\n    devDependencies:\n      prisma:\n        specifier: 6\n        version: 6.1.0\n  b:\n    devDependencies:\n      prisma:\n        specifier: 7\n        version: 7.2.0\n", "b", "7.2", id="pnpm, of several workspaces"),
        pytest.param("pnpm-lock.yaml", "importers:\n  a:\n    devDependencies:\n      prisma:\n        specifier: 6\n        version: 6.1.0\n  b:\n    devDependencies:\n      prisma:\n        specifier: 7\n        version: 7.2.0\n", "c", None, id="pnpm, which of several is not known"),
        pytest.param("pnpm-lock.yaml", "lockfileVersion: 5.4\npackages:\n  /prisma/4.16.2:\n    dev: true\n", "", "4.16", id="pnpm 7"),
        pytest.param("yarn.lock", 'prisma@^5.1.0:\n  version "5.1.1"\n', "", "5.1", id="yarn 1"),
        pytest.param("yarn.lock", '"prisma@npm:^6.10.1":\n  version: 6.10.1\n', "", "6.10", id="yarn"),
        pytest.param("yarn.lock", '"@prisma/client@npm:6", "prisma-x@npm:6":\n  version: 6.10.1\n', "", None, id="yarn, other packages"),
        pytest.param("bun.lock", '{"packages": {"prisma": ["prisma@7.3.0", "", {}]}}', "", "7.3", id="bun"),
    ],
)  # fmt: skip
def test_version_of_a_lock_file(name: str, text: str, folder: str, version: str | None) -> None:
    assert prisma_version(name, text, folder) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('{"devDependencies": {"prisma": "7.8.0"}}', "7.8"),
        ('{"dependencies": {"prisma": "^7.8.0"}}', None),
        ("null", None),
    ],
)
def test_version_of_a_manifest_is_an_exact_one(text: str, version: str | None) -> None:
    assert of_manifest(text) == version


def test_a_schema_in_several_files() -> None:
    main = """
    datasource db {
      provider  = "postgresql"
      url       = env("POOL_URL")
      directUrl = env("DIRECT_URL") // for migrations
    }
    generator client { provider = "prisma-client" }
    model User {
      id Int @id
      @@map("users")
      @@schema("app")
    }
    // model Gone { id Int }
    """
    more = 'model Post {\n  id Int @id @map("post_id")\n  @@index([id], map: "x")\n}\nenum Role {\n  A\n}\n'
    found = read_schema([main, more])
    assert found == PrismaSchema({"User": "app.users", "Post": "Post"}, "postgresql", ("DIRECT_URL", "POOL_URL"))
    assert provider_of_lock_file('# edit nothing\nprovider = "mysql"\n') == "mysql"
    assert provider_of_lock_file("") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("services:\n  db:\n    image: postgres:16\n    ports: ['5433:5432']\n  web: {image: node}\n", [PostgresService("db", "postgres:16", 5433)], id="published"),
        pytest.param("services:\n  db:\n    image: pgvector/pgvector:pg16\n    ports: ['127.0.0.1:${PG_PORT:-54320}:5432']\n", [PostgresService("db", "pgvector/pgvector:pg16", 54320)], id="by address, with a default"),
        pytest.param("services:\n  db:\n    image: postgis/postgis\n    ports: [{target: 5432, published: '7'}]\n", [PostgresService("db", "postgis/postgis", 7)], id="in the long form"),
        pytest.param("services:\n  db:\n    image: postgres\n", [PostgresService("db", "postgres", None)], id="for containers alone"),
        pytest.param("services: [postgres]", [], id="a list"),
        pytest.param("a: &a [*a]\nservices: !!python/object/apply:os.system ['true']", [], id="with a program"),
        pytest.param("[" * 20_000, [], id="too deep"),
        pytest.param("a: 'b", [], id="no YAML"),
    ],
)  # fmt: skip
def test_services_of_a_compose_file(text: str, found: list[PostgresService]) -> None:
    assert postgres_services(text) == found


MANY = 40_000


@pytest.mark.parametrize(
    "text",
    ["/*" * MANY, "`\\`" * MANY + "\\", '"\\"' * MANY + "\\", "{" * MANY, "tables:{external:[" * 10_000, "a:" * MANY],
    ids=lambda text: text[:4],
)
def test_what_nothing_ends_is_read_once(text: str) -> None:
    """Time by the square of these lengths would be minutes."""
    assert read_config(text).external == ()
    assert prisma_version("yarn.lock", f"{text}\n", "") is None
    assert prisma_version("pnpm-lock.yaml", f"{text}\n", "") is None


def test_blocks_that_nothing_ends_are_none() -> None:
    assert read_schema(["model A {\n" * MANY]) == PrismaSchema({})
    assert prisma_version("yarn.lock", ", " * MANY + "prisma@1:\n", "") is None
