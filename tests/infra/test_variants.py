"""What each variant makes: who may do what on what, what is open to the internet, what is asked and what is answered."""

import json
import re

import pytest

from tests.infra.variants import APP, IDENTITY, INFRA, VARIANTS, Role, variant

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
OWN = {
    Role(
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "storageAccounts/ours", IDENTITY, "ServicePrincipal"
    ): "Storage Blob Data Owner",
    Role(
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88", "storageAccounts/ours", IDENTITY, "ServicePrincipal"
    ): "Storage Queue Data Contributor",
    Role(
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "storageAccounts/ours", IDENTITY, "ServicePrincipal"
    ): "Storage Table Data Contributor",
    Role(
        "3913510d-42f4-4e42-8a64-420c390055eb", "components/ours", IDENTITY, "ServicePrincipal"
    ): "Monitoring Metrics Publisher",
}
NAMED = {
    Role(
        "4633458b-17de-408a-b874-0445c86b69e6", "vaults/example", IDENTITY, "ServicePrincipal"
    ): "Key Vault Secrets User",
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "flexibleServers/example", IDENTITY, "ServicePrincipal"): "Reader",
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "containerApps/example-api", IDENTITY, "ServicePrincipal"): "Reader",
    Role("7f951dda-4ed3-4680-a7ca-43fe172d538d", "registries/example", IDENTITY, "ServicePrincipal"): "AcrPull",
}
ASKED = {
    Role(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "storageAccounts/examplereleases", IDENTITY, "ServicePrincipal"
    ): "Storage Blob Data Reader",
    Role("the role made here", "containerApps/example-api", IDENTITY, "ServicePrincipal"): "a custom role",
    Role(
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "containers/monitor-memory",
        "33333333-3333-3333-3333-333333333333",
        "Group",
    ): "Storage Blob Data Contributor",
}
GRANTED = {
    "nothing_given": OWN,
    "sign_in": OWN,
    "roles_by_others": {},
    "everything": OWN | NAMED | ASKED,
    "existing_subnet": OWN | NAMED,
    "peered": OWN | NAMED,
    "fixed_address": OWN | NAMED,
    "private_endpoints": OWN | NAMED,
}
NETWORK = "Microsoft.Network"
# What a variant makes of a network, by kind: what is not said here is not made.
OF_THE_NETWORK = {
    "nothing_given": {},
    "sign_in": {},
    "roles_by_others": {},
    "everything": {},
    "existing_subnet": {"privateDnsZones/virtualNetworkLinks": 1},
    "peered": {
        "networkSecurityGroups": 1, "publicIPAddresses": 1, "natGateways": 1, "virtualNetworks": 1,
        "virtualNetworks/virtualNetworkPeerings": 2, "privateDnsZones/virtualNetworkLinks": 1,
    },
    "fixed_address": {"networkSecurityGroups": 1, "publicIPAddresses": 1, "natGateways": 1, "virtualNetworks": 1},
    "private_endpoints": {
        "networkSecurityGroups": 2, "virtualNetworks": 1, "virtualNetworks/virtualNetworkPeerings": 2,
        "privateEndpoints": 4, "privateEndpoints/privateDnsZoneGroups": 4,
        "privateDnsZones": 4, "privateDnsZones/virtualNetworkLinks": 4,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_it_grants_these_roles_on_these_resources_and_no_others(name: str) -> None:
    taken = variant(name)
    (storage,) = taken.of("Microsoft.Storage/storageAccounts")
    (insights,) = taken.of("Microsoft.Insights/components")
    made_here = {definition["name"] for definition in taken.of("Microsoft.Authorization/roleDefinitions")}
    ours = {
        f"storageAccounts/{storage['name']}": "storageAccounts/ours",
        f"components/{insights['name']}": "components/ours",
    }
    granted = [
        Role(
            "the role made here" if role.definition in made_here else role.definition,
            ours.get(role.scope, role.scope),
            role.principal,
            role.kind,
        )
        for role in taken.roles()
    ]
    assert sorted(granted, key=repr) == sorted(GRANTED[name], key=repr)
    assert [each["properties"]["permissions"] for each in taken.of("Microsoft.Authorization/roleDefinitions")] == [
        [{"actions": ["Microsoft.App/containerApps/listSecrets/action"], "notActions": []}]
    ] * len(made_here)


def test_the_deployment_documents_every_role() -> None:
    documented = (APP / "docs/deploy.md").read_text()
    assert [role for role in (OWN | NAMED | ASKED).values() if f"| {role}" not in documented] == []


@pytest.mark.parametrize("name", VARIANTS)
def test_no_key_and_no_password_opens_anything(name: str) -> None:
    taken = variant(name)
    (storage,) = taken.of("Microsoft.Storage/storageAccounts")
    assert storage["properties"]["allowSharedKeyAccess"] is False
    assert storage["properties"]["allowBlobPublicAccess"] is False
    assert {
        each["properties"]["publicAccess"]
        for each in taken.of("Microsoft.Storage/storageAccounts/blobServices/containers")
    } == {"None"}
    (insights,) = taken.of("Microsoft.Insights/components")
    assert insights["properties"]["DisableLocalAuth"] is True
    logins = taken.of("Microsoft.Web/sites/basicPublishingCredentialsPolicies")
    assert {each["name"].split("/")[1]: each["properties"]["allow"] for each in logins} == {"ftp": False, "scm": False}
    (app,) = taken.of("Microsoft.Web/sites")
    assert app["properties"]["httpsOnly"] is True
    for resource in taken.resources:
        assert not re.search(r"\blist[A-Z]\w*\(|AccountKey=|SharedAccessKey=", json.dumps(resource)), resource["id"]


@pytest.mark.parametrize("name", VARIANTS)
def test_it_opens_nothing_that_it_does_not_name(name: str) -> None:
    taken = variant(name)
    kinds = [each["type"].removeprefix(f"{NETWORK}/") for each in taken.resources if each["type"].startswith(NETWORK)]
    assert {kind: kinds.count(kind) for kind in kinds} == OF_THE_NETWORK[name]
    (storage,) = taken.of("Microsoft.Storage/storageAccounts")
    assert storage["properties"]["publicNetworkAccess"] == ("Disabled" if name == "private_endpoints" else "Enabled")
    for rules in taken.of(f"{NETWORK}/networkSecurityGroups"):
        assert "securityRules" not in rules.get("properties", {}), (
            "no rule opens more than the defaults, which let nothing in"
        )
    (app,) = taken.of("Microsoft.Web/sites")
    subnet = app["properties"]["virtualNetworkSubnetId"]
    networks = taken.of(f"{NETWORK}/virtualNetworks")
    if networks:
        own = {each["name"]: each["properties"] for each in networks[0]["properties"]["subnets"]}
        assert subnet == f"{networks[0]['id']}/subnets/monitor"
        assert [each["properties"]["serviceName"] for each in own["monitor"]["delegations"]] == [
            "Microsoft.App/environments"
        ]
        assert bool(own["monitor"]["natGateway"]) == bool(taken.of(f"{NETWORK}/natGateways"))
        assert {each["defaultOutboundAccess"] for each in own.values()} == {False}
    else:
        assert (subnet is None) == (name != "existing_subnet")


def test_both_directions_of_a_peering_are_made() -> None:
    there, back = variant("peered").of(f"{NETWORK}/virtualNetworks/virtualNetworkPeerings")
    assert there["properties"]["remoteVirtualNetwork"]["id"] in back["id"]
    assert back["properties"]["remoteVirtualNetwork"]["id"] in there["id"]


def test_every_service_of_the_storage_and_the_vault_has_its_endpoint() -> None:
    taken = variant("private_endpoints")
    connections = [
        each["properties"]["privateLinkServiceConnections"][0] for each in taken.of(f"{NETWORK}/privateEndpoints")
    ]
    services = {each["properties"]["groupIds"][0]: each["properties"]["privateLinkServiceId"] for each in connections}
    (storage,) = taken.of("Microsoft.Storage/storageAccounts")
    assert set(services) == {"blob", "queue", "table", "vault"}
    assert {services[name] for name in ("blob", "queue", "table")} == {storage["id"]}
    assert services["vault"].endswith("/vaults/example")


def test_who_signs_in_is_of_this_tenant_and_all_others_are_let_through() -> None:
    assert [name for name in VARIANTS if variant(name).of("Microsoft.Web/sites/config")] == ["sign_in"]
    (sign_in,) = variant("sign_in").of("Microsoft.Web/sites/config")
    assert sign_in["properties"]["globalValidation"] == {
        "requireAuthentication": False,
        "unauthenticatedClientAction": "AllowAnonymous",
    }
    ((provider, registered),) = sign_in["properties"]["identityProviders"].items()
    assert provider == "azureActiveDirectory"
    issuer = registered["registration"]["openIdIssuer"]
    assert "loginEndpoint" in issuer
    assert "55555555-5555-5555-5555-555555555555" in issuer


def test_the_compiler_had_nothing_to_remark() -> None:
    assert [variant(name).diagnostics for name in VARIANTS] == [[]] * len(VARIANTS)


def asked(file: str) -> dict[str, str]:
    """Each parameter with the text after its name: ``string = 'PT2H'``."""
    return dict(re.findall(r"^param (\w+) (.+)$", (INFRA / file).read_text(), re.MULTILINE))


def test_both_entries_ask_the_same_and_their_answers_are_settable() -> None:
    assert asked("main.bicep") == asked("monitor.bicep")
    answers = (INFRA / "main.parameters.json").read_text()
    assert answers == (INFRA / "monitor.parameters.json").read_text()
    parameters = json.loads(answers)["parameters"]
    assert list(parameters) == list(asked("main.bicep"))
    variables = [
        re.fullmatch(r"\$\{((?:AZURE|MONITOR)_[A-Z_]+)(?:=(.*))?\}", each["value"]) for each in parameters.values()
    ]
    assert None not in variables
    assert len({variable[1] for variable in variables if variable}) == len(variables)
    for variable, text in zip(variables, asked("main.bicep").values(), strict=True):
        assert variable is not None
        default = text.split(" = ")[1].strip("'") if " = " in text else None
        assert variable[2] == default, variable[1]


def test_the_deployment_documents_every_question() -> None:
    documented = (APP / "docs/deploy.md").read_text()
    questions = re.findall(r"MONITOR_[A-Z_]+", (INFRA / "main.parameters.json").read_text())
    assert [question for question in questions if f"| `{question}` |" not in documented] == []


def test_a_terminal_finds_what_the_example_settings_name() -> None:
    """`azd env get-values` is all that it needs."""
    named = set(re.findall(r'"env:(\w+)"', (APP / "monitor.azure.example.toml").read_text()))
    for name in VARIANTS:
        assert named <= set(variant(name).outputs), name
