"""What can be known of the deployment without Azure: it parses, its parts fit each other, it grants what is said."""

import json
import re
from typing import Any

import pytest

from tests.infra.bicep import APP, FILES, INFRA, MAIN, parsed

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles, and the whole of what is granted.
ROLES = {
    "modules/storage.bicep": {
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    },
    "modules/telemetry.bicep": {"3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher"},
    "modules/vault-role.bicep": {"4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User"},
    "modules/server-role.bicep": {"acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader"},
    "modules/container-app-role.bicep": {"acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader"},
    "modules/registry-role.bicep": {"7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull"},
    "modules/release-storage-role.bicep": {"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader"},
}
# Texts whose names sound like secrets and that are none.
NO_SECRETS = {"insightsConnectionString": "an address: telemetry.bicep lets nobody write with the key in it"}
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("file", FILES)
def test_it_parses(file: str) -> None:
    assert parsed(file)["resources"] or parsed(file)["modules"]


def config_of(call: Any) -> Any:
    return call["config"]["config"] if "condition" in call["config"] else call["config"]


def calls() -> dict[str, Any]:
    """Each module's file with its one call."""
    called = {call["detail"]["path"]: config_of(call) for call in parsed("main.bicep")["modules"].values()}
    assert len(called) == len(parsed("main.bicep")["modules"])
    return called


def test_every_module_is_called_once_with_what_it_takes() -> None:
    taken = {file: set(parsed(file)["parameters"]) for file in FILES if FILES[file] != MAIN}
    assert {file: set(call["params"]) for file, call in calls().items()} == taken


def test_what_is_asked_for_is_what_there_is_to_answer() -> None:
    asked = parsed("main.bicep")["parameters"]
    answers = {name: answer["value"] for name, answer in parameters().items()}
    assert list(answers) == [name for name in asked if name in answers]
    assert set(answers) == set(asked)
    for name, parameter in asked.items():
        assert "description" in {decorator["type"] for decorator in parameter["decorators"]}, name
        default = parameter["default"]
        if default is None:
            assert re.fullmatch(r"\$\{[A-Z_]+\}", answers[name]), name
        elif default == {}:
            assert answers[name] == {}
        else:
            said = json.dumps(default) if not isinstance(default, str) else default
            assert re.fullmatch(r"\$\{MONITOR_[A-Z_]+=" + re.escape(said) + r"\}", answers[name]), name


def parameters() -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
    return answers


def test_no_two_questions_share_an_answer() -> None:
    named = [answer["value"] for answer in parameters().values() if answer["value"]]
    assert len(named) == len(set(named))


def test_every_output_of_a_module_that_is_used_is_there() -> None:
    main = MAIN.read_text()
    files = {name: call["detail"]["path"] for name, call in parsed("main.bicep")["modules"].items()}
    used = re.findall(r"\b(\w+)\.outputs\.(\w+)", main)
    assert used
    for module, output in used:
        assert output in parsed(files[module])["outputs"], f"{module}.outputs.{output}"


@pytest.mark.parametrize("file", FILES)
def test_secrets_pass_through_no_template(file: str) -> None:
    """None is asked for, none is read out of a resource, and none leaves as an output."""
    sounds_secret = re.compile(r"password|secret|token|key(?!vault)|connectionstring|credential", re.IGNORECASE)
    template = parsed(file)
    texts = {name for name, parameter in template["parameters"].items() if parameter["type"] == "string"}
    assert {name for name in texts if sounds_secret.search(name)} <= set(NO_SECRETS)
    assert re.findall(r"\.?list[A-Z]\w*\(|getSecret\(", FILES[file].read_text()) == []
    outputs = {name for name in template.get("outputs", {}) if sounds_secret.search(name)}
    assert outputs <= ({"connectionString"} if file == "modules/telemetry.bicep" else set())


def test_no_key_opens_anything() -> None:
    text = {file: path.read_text() for file, path in FILES.items()}
    assert "allowSharedKeyAccess: false" in text["modules/storage.bicep"]
    assert "allowBlobPublicAccess: false" in text["modules/storage.bicep"]
    assert "DisableLocalAuth: true" in text["modules/telemetry.bicep"]
    policies = parsed("modules/app.bicep")["resources"]
    forbidden = {each["name"] for each in map(config_of, policies.values()) if each["properties"] == {"allow": False}}
    assert forbidden == {"ftp", "scm"}


def test_the_roles_are_what_they_are_called_and_no_others() -> None:
    granted = {file: GUID.findall(path.read_text()) for file, path in FILES.items()}
    assert {file: sorted(ids) for file, ids in granted.items() if ids} == {
        file: sorted(ids) for file, ids in ROLES.items()
    }
    ids = {re.sub(r"\W", "", name).lower(): id_ for ids in ROLES.values() for id_, name in ids.items()}
    for file in ROLES:
        for name, value in parsed(file)["variables"].items():
            if isinstance(value["value"], str) and GUID.fullmatch(value["value"]):
                assert value["value"] == ids.get(name.lower()), name


def test_the_deployment_documents_every_role() -> None:
    documented = (APP / "docs/deploy.md").read_text()
    assert [name for ids in ROLES.values() for name in ids.values() if name not in documented] == []


@pytest.mark.parametrize("file", [file for file in ROLES if file.endswith("-role.bicep")])
def test_every_right_on_what_is_not_ours_can_be_left_to_others(file: str) -> None:
    (line,) = [line for line in MAIN.read_text().splitlines() if f"'{file}'" in line]
    assert re.search(r"= if \((grantVault && )?!empty\(\w+ResourceId\)\) \{$", line), line


def test_who_signs_in_is_of_this_tenant_and_all_others_are_let_through() -> None:
    sign_in = config_of(parsed("modules/app.bicep")["resources"]["signIn"])["properties"]
    assert sign_in["globalValidation"] == {
        "requireAuthentication": False,
        "unauthenticatedClientAction": "AllowAnonymous",
    }
    assert list(sign_in["identityProviders"]) == ["azureActiveDirectory"]
    issuer = re.search(r"openIdIssuer: '(.*)'", FILES["modules/app.bicep"].read_text())
    assert issuer is not None
    assert issuer[1] == "${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0"
