"""Repositories in a folder: what is found, and that nothing is followed, run or believed beyond bounds."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest

from shared.discovery.env_files import find_url
from shared.discovery.project import Project, github_repository, is_for_postgres, migrations_in, project_of
from shared.discovery.repository import Repository, read_repository

LOCK = 'provider = "postgresql"\n'
SCHEMA = (
    'model User {\n  id Int @id\n  @@map("users")\n}\nmodel Tag {\n  id Int @id\n}\nmodel Other {\n  id Int @id\n}\n'
)


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Repository]:
    def make(files: Mapping[str, str]) -> Repository:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return read_repository(tmp_path)

    return make


def only(repository: Repository) -> Project:
    (found,) = migrations_in(repository)
    return project_of(repository, found)


def migrations(folder: str, *names: str) -> dict[str, str]:
    return {f"{folder}/migration_lock.toml": LOCK, **{f"{folder}/{each}/migration.sql": "SELECT 1;" for each in names}}


def test_an_application_in_a_monorepo(repository: Callable[[Mapping[str, str]], Repository]) -> None:
    found = only(
        repository(
            migrations("apps/api/prisma/migrations", "1", "2")
            | {
                "package.json": '{"private": true}',
                "pnpm-lock.yaml": "importers:\n  apps/api:\n    devDependencies:\n      prisma:\n        specifier: 7\n        version: 7.4.1\n",
                "apps/api/package.json": '{"prisma": {"seed": "tsx prisma/seed.ts"}, "scripts": {"start:prod": "prisma migrate deploy && node ."}}',
                "apps/api/prisma/schema.prisma": SCHEMA,
                "apps/api/prisma/seed.ts": "import './seeds/tags';\nawait prisma.user.upsert({});",
                "apps/api/prisma/seeds/tags.ts": "await tx.tag.createMany({}); other.findMany(); prisma.other.deleteMany()",
                "apps/api/.env": "DATABASE_URL=postgresql://db/a",
                "node_modules/x/prisma/migrations/1/migration.sql": "",
            }
        )
    )
    assert (found.migrations.path, found.migrations.count) == (PurePosixPath("apps/api/prisma/migrations"), 2)
    assert found.folder == PurePosixPath("apps/api")
    assert found.version == ("7.4", "pnpm-lock.yaml")
    assert (found.seed_file, found.written) == ("apps/api/prisma/seed.ts", ("users", "Tag"))
    assert found.deployed_by == "apps/api/package.json"
    assert found.env_files == ("apps/api/.env",)


def test_a_schema_in_several_files_and_a_seed_in_sql(repository: Callable[[Mapping[str, str]], Repository]) -> None:
    found = only(
        repository(
            migrations("db/migrations", "1")
            | {
                "db/schema/user.prisma": SCHEMA,
                "db/schema/log.prisma": 'model Log {\n id Int @id\n @@map("log")\n}\n',
                "db/schema/seed.sql": 'INSERT INTO public."log" VALUES (1); insert into Users values (1);',
                "prisma.config.ts": "export default { datasource: { url: env('MAIN_URL') } }",
            }
        )
    )
    assert found.schema_files == ("db/schema/log.prisma", "db/schema/user.prisma")
    assert found.written == ("log", "users")
    assert found.variables == ("MAIN_URL", "DATABASE_URL")
    assert found.folder == PurePosixPath()


def test_several_folders_and_other_databases(repository: Callable[[Mapping[str, str]], Repository]) -> None:
    files = migrations("a/prisma/migrations", "1") | migrations("b/prisma/migrations", "1", "2")
    files |= {"c/migrations/1/migration.sql": "", "d/prisma/migrations/migration_lock.toml": 'provider = "mysql"\n'}
    found = migrations_in(repository(files))
    assert [(str(each.path), each.count) for each in found if is_for_postgres(each)] == [
        ("b/prisma/migrations", 2),
        ("a/prisma/migrations", 1),
        ("c/migrations", 1),
    ]
    assert [str(each.path) for each in found if not is_for_postgres(each)] == ["d/prisma/migrations"]


@pytest.mark.parametrize(
    ("path", "text", "deploys"),
    [
        pytest.param("Dockerfile", "FROM node\nCMD npx prisma migrate deploy && node .", True, id="command of an image"),
        pytest.param("Dockerfile", "FROM node\nRUN npx prisma migrate deploy", False, id="while an image is built"),
        pytest.param("entrypoint.sh", "#!/bin/sh\nset -e\nprisma migrate deploy --schema x\n", True, id="entry point"),
        pytest.param("entrypoint.sh", "# prisma migrate deploy\n", False, id="a comment"),
        pytest.param("package.json", '{"scripts": {"db:deploy": "prisma migrate deploy"}}', False, id="a script of its own"),
        pytest.param("package.json", '{"scripts": {"prestart": "prisma migrate deploy"}}', True, id="before a start"),
        pytest.param("package.json", '{"scripts": {"vercel-build": "prisma migrate deploy && next build"}}', True, id="a platform's build"),
        pytest.param("Procfile", "release: npx prisma migrate deploy\nweb: node .", True, id="a platform's release phase"),
        pytest.param("Dockerfile", 'FROM node\nCMD ["npx", "prisma", "migrate", "deploy"]', True, id="exec form"),
        pytest.param("Dockerfile", 'FROM node\nENTRYPOINT ["npx","prisma","migrate","deploy","--schema=x"]', True, id="exec form without spaces"),
        pytest.param("Dockerfile", "FROM node\nRUN ['npx', 'prisma', 'migrate', 'deploy']", False, id="exec form while an image is built"),
        pytest.param("Dockerfile", 'FROM node\nCMD ["prisma", "--schema=a", "--x", "migrate", "deploy"]', True, id="exec form with options"),
        pytest.param("Dockerfile", 'CMD ["prisma", "migrate", "status"]', False, id="exec form of something else"),
        pytest.param("fly.toml", '[processes]\nrelease = ["npx", "prisma",\n  "migrate", "deploy"]', True, id="a list over lines"),
        pytest.param("render.yaml", "command: [npx, prisma, migrate, deploy]", True, id="a list without quotes"),
        pytest.param("start.sh", 'npx prisma@6.19.1 --schema="$DIR"/a migrate deploy', True, id="a version and an option"),
        pytest.param("Dockerfile", 'CMD ["node", "node_modules/prisma/build/index.js", "migrate", "deploy"]', True, id="Prisma's own file"),
        pytest.param("start.sh", "npx prisma migrate deployed", False, id="another word"),
        pytest.param("package.json", '{"scripts": []}', False, id="no scripts"),
    ],
)  # fmt: skip
def test_who_applies_migrations(
    path: str, text: str, deploys: bool, repository: Callable[[Mapping[str, str]], Repository]
) -> None:
    found = only(repository(migrations("prisma/migrations", "1") | {path: text}))
    assert found.deployed_by == (path if deploys else None)


@pytest.mark.parametrize(
    ("text", "value", "is_plain"),
    [
        pytest.param("DATABASE_URL=postgresql://a:b@c/d\n", "postgresql://a:b@c/d", True, id="plain"),
        pytest.param('# x\n\nexport DATABASE_URL="postgresql://a:b@c/d?x=1&y=2" # y\n', "postgresql://a:b@c/d?x=1&y=2", True, id="in quotes"),
        pytest.param("DATABASE_URL=postgresql://a:b@c/d?x=1&y=2\n", "postgresql://a:b@c/d?x=1&y=2", False, id="a shell would end at &"),
        pytest.param("U=me\nDATABASE_URL=postgresql://${U}@c/d\n", "postgresql://me@c/d", True, id="filled in"),
        pytest.param("DATABASE_URL=postgresql://a:${SECRET}@c/d\n", "postgresql://a:@c/d", False, id="a variable of the environment"),
        pytest.param("DATABASE_URL=postgresql://${U}@c/d\nU=me\n", "postgresql://@c/d", False, id="set too late"),
        pytest.param("A=$(touch ran)\nB=`touch ran`\nDATABASE_URL=postgresql://c/d\n", "postgresql://c/d", False, id="with shell code elsewhere"),
        pytest.param("DATABASE_URL=$(touch ran)\n", "$(touch ran)", False, id="with shell code"),
        pytest.param("touch ran\nDATABASE_URL=postgresql://c/d\n", "postgresql://c/d", False, id="a command"),
        pytest.param("A='${'\nDATABASE_URL=postgresql://c/d\n", "postgresql://c/d", False, id="a shell would read it otherwise"),
    ],
)  # fmt: skip
def test_the_url_of_an_env_file(
    text: str,
    value: str,
    is_plain: bool,
    repository: Callable[[Mapping[str, str]], Repository],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "of the environment")
    found = find_url(repository({".env": text}), [".env"], ["DIRECT_URL", "DATABASE_URL"])
    assert found is not None
    assert (found.variable, found.value, found.is_plain) == ("DATABASE_URL", value, is_plain)
    assert value not in repr(found)
    assert not (tmp_path / "ran").exists()


def test_links_pipes_and_huge_files_are_not_read(
    repository: Callable[[Mapping[str, str]], Repository], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("DATABASE_URL=postgresql://secret/a\n")
    (outside / "1").mkdir()
    (outside / "1" / "migration.sql").write_text("")
    made = migrations("prisma/migrations", "1") | {
        "schema.prisma": SCHEMA,
        "package.json": '{"prisma": {"seed": "tsx ../../secret.ts"}}',
    }
    made |= {
        "package-lock.json": " " * (17 * 1024 * 1024),
        "docker-compose.yml": "services:\n  db: {image: postgres}\n" + "#" * 100_000,
    }
    repository(made)
    (tmp_path / ".env").symlink_to(outside / "secret")
    (tmp_path / "migrations").symlink_to(outside)
    os.mkfifo(tmp_path / "Dockerfile")
    (tmp_path / "around").symlink_to(tmp_path)
    found = read_repository(tmp_path)
    project = only(found)
    assert (project.env_files, project.version, project.services, project.seed_file) == ((), None, (), None)
    assert ".env" not in found.files
    (tmp_path / "swapped").write_text("a")
    listed = read_repository(tmp_path)
    (tmp_path / "swapped").unlink()
    (tmp_path / "swapped").symlink_to(outside / "secret")
    assert listed.text("swapped") is None
    assert listed.text("../outside/secret") is None


@pytest.mark.parametrize("option", [' --a="--b"', " --prisma", '", "--prisma', "', '--a", ",--prisma"])
def test_a_long_line_of_options_is_read_once(
    option: str, repository: Callable[[Mapping[str, str]], Repository]
) -> None:
    """Time by the square of their number would be minutes."""
    found = only(repository(migrations("prisma/migrations", "1") | {"start.sh": "prisma" + option * 60_000}))
    assert found.deployed_by is None


@pytest.mark.parametrize(
    ("sections", "name"),
    [
        pytest.param({'remote "fork"': "me/app", 'remote "origin"': "example/app"}, "example/app", id="origin last"),
        pytest.param({'remote "origin"': "example/app", 'remote "fork"': "me/app"}, "example/app", id="origin first"),
        pytest.param({'remote "fork"': "me/app", 'remote "b"': "b/app"}, "me/app", id="no origin: the first"),
        pytest.param({'submodule "lib"': "other/lib", 'remote "origin"': "example/app"}, "example/app", id="a submodule"),
        pytest.param({'submodule "origin"': "other/lib"}, None, id="no remote"),
        pytest.param({'remote "ORIGIN"': "me/app", 'REMOTE "origin"': "example/app"}, "example/app", id="letters as git reads them"),
    ],
)  # fmt: skip
def test_the_remote_that_is_the_repository(sections: Mapping[str, str], name: str | None) -> None:
    texts = (f"[{section}]\n\turl = git@github.com:{path}.git\n" for section, path in sections.items())
    assert github_repository("[core]\n\tbare = false\n" + "".join(texts)) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@github.com:example/app.git", "example/app"),
        ("https://github.com/example/app", "example/app"),
        ("ssh://git@github.com/example/app.git/\r", "example/app"),
        ("https://token@github.com/example/app", None),
        ("https://gitlab.com/example/app", None),
        ("git@github.com:example/app; rm -rf /", None),
    ],
)
def test_the_repository_at_github(url: str, name: str | None) -> None:
    assert github_repository(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n\tfetch = x\n') == name
