"""What `azd` runs around a deployment, with stand-ins for Azure's own programs."""

import re
import shutil
from pathlib import Path

import pytest

from tests.infra.stand_ins import Ended, run
from tests.infra.variants import APP, INFRA

PROVIDERS = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example/providers"
VAULT = f"{PROVIDERS}/Microsoft.KeyVault/vaults/example"
SUBNET = f"{PROVIDERS}/Microsoft.Network/virtualNetworks/production/subnets/monitor"
NETWORK = SUBNET.removesuffix("/subnets/monitor")
ZONE = f"{PROVIDERS}/Microsoft.Network/privateDnsZones/example.private.postgres.database.azure.com"
AZURE = {
    "cloud show": ["AzureCloud"],
    "account show": ["11111111-1111-1111-1111-111111111111"],
    "list-flexconsumption-locations": ["northeurope\nwesteurope"],
    "provider show": ["Registered"],
    "enableRbacAuthorization": ["true"],
    "subnet show": ["Microsoft.App/environments"],
    "--query location": ["westeurope"],
    "link vnet list": [""],
}
URL = "https://func.example.net"
DEPLOYED = {
    "AZURE_RESOURCE_GROUP": "rg-production",
    "MONITOR_APP": "func-monitor",
    "MONITOR_URL": URL,
    "MONITOR_PAUSE_SECONDS": "0",
}
KEY = {"keys list": ["hunter2"]}


def preprovision(folder: Path, answers: dict[str, list[str]], environ: dict[str, str]) -> Ended:
    place = {"AZURE_LOCATION": "West Europe", **environ}
    return run(INFRA / "hooks/preprovision.sh", ("az",), folder, {**AZURE, **answers}, place)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"MONITOR_VAULT_ID": VAULT, "MONITOR_SUBNET_ID": SUBNET, "MONITOR_SERVER_ID": f"{PROVIDERS}/microsoft.dbforpostgresql/flexibleservers/example"},
        {"MONITOR_NETWORK": "own", "MONITOR_PEER_NETWORK_ID": NETWORK},
        {"MONITOR_SUBNET_ID": SUBNET, "MONITOR_PRIVATE_DNS_ZONE_ID": ZONE},
    ],
)  # fmt: skip
def test_what_is_right_goes_through_without_a_word(environ: dict[str, str], tmp_path: Path) -> None:
    ended = preprovision(tmp_path, {}, environ)
    assert (ended.status, ended.said) == (0, "")


@pytest.mark.parametrize(
    ("answers", "environ", "said"),
    [
        pytest.param({"cloud show": ["AzureUSGovernment"]}, {}, "only AzureCloud is supported", id="another cloud"),
        pytest.param({"account show": ["fails"]}, {}, "az login", id="no login"),
        pytest.param({}, {"AZURE_LOCATION": "germanynorth"}, '"germanynorth" does not offer', id="a region without the plan"),
        pytest.param({}, {"MONITOR_VAULT_ID": f"{VAULT}/"}, "MONITOR_VAULT_ID is no id of Microsoft.KeyVault/vaults", id="a slash at the end"),
        pytest.param({}, {"MONITOR_SERVER_ID": VAULT}, "MONITOR_SERVER_ID is no id of Microsoft.DBforPostgreSQL/flexibleServers", id="another kind"),
        pytest.param({}, {"MONITOR_SUBNET_ID": SUBNET.removesuffix("/subnets/monitor")}, "MONITOR_SUBNET_ID is no id of", id="a network for a subnet"),
        pytest.param({}, {"MONITOR_REGISTRY_ID": "example"}, "MONITOR_REGISTRY_ID is no id of", id="a name"),
        pytest.param({"provider show": ["NotRegistered"]}, {"MONITOR_NETWORK": "own"}, "az provider register --namespace Microsoft.App", id="a provider"),
        pytest.param({"enableRbacAuthorization": ["false"]}, {"MONITOR_VAULT_ID": VAULT}, "access policies", id="a vault of access policies"),
        pytest.param({"enableRbacAuthorization": ["fails"]}, {"MONITOR_VAULT_ID": VAULT}, "the vault cannot be read", id="a vault that cannot be seen"),
        pytest.param({}, {"AZURE_LOCATION": ""}, "azd env set AZURE_LOCATION", id="no region"),
        pytest.param({}, {"AZURE_SUBSCRIPTION_ID": "2"}, "az account set --subscription 2", id="another subscription"),
        pytest.param({"subnet show": [""]}, {"MONITOR_SUBNET_ID": SUBNET}, "must be delegated", id="a subnet that is not delegated"),
        pytest.param({"--query location": ["northeurope"]}, {"MONITOR_SUBNET_ID": SUBNET}, 'the subnet is in "northeurope"', id="a subnet of another region"),
        pytest.param({"link vnet list": [NETWORK]}, {"MONITOR_SUBNET_ID": SUBNET, "MONITOR_PRIVATE_DNS_ZONE_ID": ZONE}, "is linked to the DNS zone already", id="a zone that is linked"),
        pytest.param({}, {"MONITOR_SUBNET_ID": SUBNET, "MONITOR_NETWORK": "own"}, "exclude each other", id="two networks"),
        pytest.param({}, {"MONITOR_PRIVATE_ENDPOINTS": "true"}, "MONITOR_PRIVATE_ENDPOINTS needs", id="endpoints without a network"),
        pytest.param({}, {"MONITOR_PEER_NETWORK_ID": NETWORK}, "MONITOR_PEER_NETWORK_ID needs", id="a peer without a network"),
        pytest.param({}, {"MONITOR_PRIVATE_DNS_ZONE_ID": ZONE}, "MONITOR_PRIVATE_DNS_ZONE_ID needs", id="a zone without a network"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_is_made(
    answers: dict[str, list[str]], environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    ended = preprovision(tmp_path, answers, environ)
    assert ended.status == 1
    assert said in ended.said


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    ended = preprovision(tmp_path, {}, {"AZURE_LOCATION": "moon", "MONITOR_VAULT_ID": "v", "MONITOR_SERVER_ID": "s"})
    assert len(ended.said.splitlines()) == 3


def test_every_id_that_is_asked_for_is_checked() -> None:
    asked = set(re.findall(r"MONITOR_\w+_ID\b", (INFRA / "main.parameters.json").read_text()))
    checked = set(re.findall(r"^id (\w+)", (INFRA / "hooks/preprovision.sh").read_text(), re.MULTILINE))
    assert asked - checked == {"MONITOR_OPERATOR_GROUP_ID", "MONITOR_SIGN_IN_CLIENT_ID"}


def packaged(folder: Path, answers: dict[str, list[str]], environ: dict[str, str]) -> Ended:
    """Run the hook in a copy of what it reads, with a stand-in for uv."""
    for name in ("infra/hooks/prepackage.sh", ".funcignore", "requirements.txt", "monitor.toml", "shared"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name == "shared":
            (folder / name).mkdir()
        else:
            shutil.copy(APP / (name if name != "monitor.toml" else "monitor.azure.example.toml"), folder / name)
    programs = folder / "programs"
    programs.mkdir()
    return run(folder / "infra/hooks/prepackage.sh", ("uv",), programs, answers, environ)


def test_packages_are_those_of_the_python_that_runs_in_azure(tmp_path: Path) -> None:
    ended = packaged(tmp_path, {}, {})
    assert (ended.status, ended.said.strip()) == (0, "")
    (install,) = [call for call in ended.calls if "install" in call]
    text = " ".join(install)
    assert "--python-version 3.13 --python-platform x86_64-manylinux_2_28 --only-binary :all:" in text
    (version,) = re.findall(r"version: '(.+)'", (INFRA / "modules/app.bicep").read_text())
    assert f"--python-version {version}" in text
    assert next(call for call in ended.calls if "run" in call)[-3:] == ["python", "monitor.py", "settings"]


@pytest.mark.parametrize(
    ("answers", "environ", "said"),
    [
        pytest.param({}, {"MONITOR_SETTINGS_FILE": "production.toml"}, "there is no production.toml", id="no settings"),
        pytest.param({}, {"MONITOR_SETTINGS_FILE": "requirements.txt"}, None, id="settings that are sent"),
        pytest.param({}, {"MONITOR_SETTINGS_FILE": ".funcignore"}, "would not be sent: add the line !/.funcignore", id="settings that are not sent"),
        pytest.param({}, {"MONITOR_SETTINGS_FILE": "config/monitor.toml"}, "must be in the folder that is sent", id="settings below it"),
        pytest.param({"pip install": ["fails"]}, {}, "not every package", id="a package without a wheel"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_stops_it(
    answers: dict[str, list[str]], environ: dict[str, str], said: str | None, tmp_path: Path
) -> None:
    ended = packaged(tmp_path, answers, environ)
    if said is None:
        assert "would not be sent" not in ended.said
    else:
        assert ended.status == 1
        assert said in ended.said


def postdeploy(folder: Path, answers: dict[str, list[str]], **environ: str) -> Ended:
    return run(INFRA / "hooks/postdeploy.sh", ("az", "curl"), folder, {**KEY, **answers}, {**DEPLOYED, **environ})


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        pytest.param(["200 x-migration-verdict: passed"], 0, id="passed"),
        pytest.param(["200 X-Migration-Verdict: warning"], 0, id="warning"),
        pytest.param(["409 x-migration-verdict: failed"], 2, id="failed"),
        pytest.param(["503 x-migration-verdict: unknown"], 1, id="unknown"),
        pytest.param(["000", "404", "503", "200 x-migration-verdict: passed"], 0, id="roles that arrive late"),
        pytest.param([f"202 location: {URL}/api/verify?id=7", "200 x-migration-verdict: passed"], 0, id="an answer that takes long"),
    ],
)  # fmt: skip
def test_it_waits_for_the_monitor_and_says_its_verdict(answers: list[str], status: int, tmp_path: Path) -> None:
    ended = postdeploy(tmp_path, {"curl": answers})
    assert ended.status == status
    verdict = answers[-1].rsplit(" ", 1)[1]
    assert f"Verdict: {verdict}\nPage:    {URL}/api/status\n" in ended.said
    assert "az functionapp keys list -g rg-production -n func-monitor" in ended.said


def test_the_key_is_in_no_argument_and_no_output(tmp_path: Path) -> None:
    ended = postdeploy(tmp_path, {"curl": ["200 x-migration-verdict: passed"]})
    assert "hunter2" not in ended.said
    assert "hunter2" not in str(ended.calls)


def test_the_key_goes_to_nobody_else(tmp_path: Path) -> None:
    answers = ["202 location: https://elsewhere.example.com/", "200 x-migration-verdict: passed"]
    ended = postdeploy(tmp_path, {"curl": answers})
    assert "elsewhere" not in str(ended.calls)


def test_it_gives_up_where_nothing_answers(tmp_path: Path) -> None:
    ended = postdeploy(tmp_path, {"keys list": ["fails"]}, MONITOR_WAIT_SECONDS="0")
    assert ended.status == 1
    assert "no answer in 0 seconds" in ended.said


def test_of_several_targets_it_asks_which(tmp_path: Path) -> None:
    ended = postdeploy(tmp_path, {"curl": ["400"]})
    assert ended.status == 1
    assert "MONITOR_VERIFY_TARGET" in ended.said
    (tmp_path / "calls").unlink()
    ended = postdeploy(tmp_path, {"curl": ["200 x-migration-verdict: passed"]}, MONITOR_VERIFY_TARGET="production")
    assert ended.status == 0
    assert f"{URL}/api/verify?target=production" in str(ended.calls)
