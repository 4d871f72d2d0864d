"""The deployment's files as their own compiler sees them; `make check-infra` runs this where the compiler is."""

import shutil
from pathlib import Path

import pytest

from tests.infra.compiler import FILES, PROGRAM, VARIANTS, run, snapshot
from tests.infra.variants import APP, INFRA

pytestmark = [
    pytest.mark.infra,
    pytest.mark.skipif(PROGRAM is None, reason="Bicep's compiler is neither in BICEP nor in the PATH"),
]
VAULT = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers/Microsoft.KeyVault/vaults/example"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(APP).as_posix())
def test_it_compiles_without_a_remark_and_is_formatted(file: Path, tmp_path: Path) -> None:
    assert run("lint", file) == (0, "")
    assert run("format", file, "--outfile", tmp_path / "formatted.bicep") == (0, "")
    assert (tmp_path / "formatted.bicep").read_text() == file.read_text()


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.stem)
def test_its_snapshot_is_what_it_evaluates_to(variant: Path, tmp_path: Path) -> None:
    assert run("format", variant, "--outfile", tmp_path / "formatted.bicepparam") == (0, "")
    assert (tmp_path / "formatted.bicepparam").read_text() == variant.read_text()
    status, said = snapshot(variant, "validate")
    assert status == 0, said


def changed(folder: Path, file: str, before: str, after: str) -> Path:
    """Give a copy of the deployment's files with one text of a file replaced."""
    shutil.copytree(INFRA, folder / "infra")
    shutil.copy(APP / "bicepconfig.json", folder)
    path = folder / "infra" / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    return path


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        pytest.param("httpsOnly: true", "httpOnly: true", "BCP037", id="a property that is misspelt"),
        pytest.param("sites@2025-03-01", "sites@2022-09-01", "use-recent-api-versions", id="an old version"),
        pytest.param("param name string\n", "param name string\nparam spare string\n", "no-unused-params", id="a parameter nobody uses"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_remarked(before: str, after: str, rule: str, tmp_path: Path) -> None:
    _, said = run("lint", changed(tmp_path, "modules/app.bicep", before, after))
    assert rule in said or "BCP089" in said


@pytest.mark.parametrize(
    ("parameters", "refused"),
    [
        pytest.param({"vaultResourceId": f"{VAULT}/"}, "is no id of Microsoft.KeyVault/vaults", id="a slash at the end"),
        pytest.param({"serverResourceId": VAULT}, "is no id of Microsoft.DBforPostgreSQL/flexibleServers", id="another kind"),
        pytest.param({"registryResourceId": "example"}, "is no id of Microsoft.ContainerRegistry/registries", id="a name"),
        pytest.param({"subnetResourceId": VAULT.replace("KeyVault/vaults", "Network/virtualNetworks")}, "is no id of", id="a network for a subnet"),
        pytest.param({"vaultResourceId": VAULT, "vaultSettings": "SMTP_PASSWORD"}, "is not NAME=secret", id="a setting without its secret"),
    ],
)  # fmt: skip
def test_what_would_make_an_empty_name_is_refused(parameters: dict[str, str], refused: str, tmp_path: Path) -> None:
    shutil.copytree(INFRA, tmp_path / "infra")
    lines = ["using 'infra/main.bicep'", "param environmentName = 'p'", "param location = 'westeurope'"]
    lines += [
        "param alertEmail = 'oncall@example.com'",
        *(f"param {name} = '{value}'" for name, value in parameters.items()),
    ]
    (tmp_path / "main.bicepparam").write_text("\n".join(lines))
    status, said = snapshot(tmp_path / "main.bicepparam", "overwrite")
    assert status != 0
    assert refused in said
