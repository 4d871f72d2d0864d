"""Images to read, and how the tests ask for them."""

from typing import Any

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import read_artifact
from shared.gather.sources.artifact import Artifact
from shared.model.release_settings import ReleaseSettings
from tests.cloud.cloud import Cloud
from tests.cloud.registry import Link, tar

MIGRATIONS = "app/prisma/migrations"
BASE = tar([("etc/", b""), ("etc/passwd", b"root"), ("bin", Link("usr/bin")), ("usr/bin/", b"")])
APPLICATION = tar(
    [
        ("app/", b""),
        (f"{MIGRATIONS}/", b""),
        (f"{MIGRATIONS}/migration_lock.toml", b'provider = "postgresql"'),
        (f"{MIGRATIONS}/1_a/migration.sql", b"SELECT 1;"),
        ("app/node_modules/x/1/migration.sql", b"of a package"),
    ]
)
LABELS = {"org.opencontainers.image.version": "v1.42.0", "org.opencontainers.image.revision": "6dcb09b5b57875f334f6"}


def read(cloud: Cloud, release: str | None = None, **settings: Any) -> Artifact:
    settings = {"image": "usasset.azurecr.io/api:v2"} | settings if "container_app" not in settings else settings
    return read_artifact(ReleaseSettings("image", identity=cloud.identity, **settings), release)


def refusal(cloud: Cloud, release: str | None = None, **settings: Any) -> str:
    with pytest.raises(GatherError) as refused:
        read(cloud, release, **settings)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert "hunter2" not in repr(refused.value.__context__)
    return str(refused.value).removeprefix("the image usasset.azurecr.io/api:v2: ")


def scripts(artifact: Artifact) -> dict[str, bytes]:
    return {path.split("/")[-2]: content for path, content in artifact.files.items() if path.endswith("/migration.sql")}
