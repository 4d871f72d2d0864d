"""What the deployment sets up is what the code asks for: settings, queues, the line that shows that it lives."""

import ast
import json
import re
from datetime import timedelta

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.entrypoints.journal import heartbeat
from shared.model.report import Trigger
from shared.settings import load_settings
from tests.infra.variants import APP, INFRA, variant
from tests.report.sample import report

EXAMPLE = APP / "monitor.azure.example.toml"
VARIABLES = {
    "MONITOR_IDENTITY": "id-monitor-abc",
    "MONITOR_MEMORY": "https://stabc.blob.core.windows.net/monitor-memory",
    "MONITOR_VAULT": "https://example.vault.azure.net",
    "AZURE_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
    "IDENTITY_ENDPOINT": "http://127.0.0.1/msi/token",
}
# Settings that Azure itself reads, with the reader. What is in no list here must be read by our own code.
READ_BY_AZURE = {
    "AzureWebJobsStorage__accountName": "the Functions host: whose queues, leases and keys",
    "AzureWebJobsStorage__credential": "the same: how it signs in",
    "AzureWebJobsStorage__clientId": "the same: as which identity",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "the host: where the log goes",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "the host: how it signs in",
    "PYTHON_THREADPOOL_THREAD_COUNT": "the Python worker: how many runs at once",
}
# Flex Consumption takes these by `functionAppConfig` or not at all, and refuses an app that sets them.
REFUSED_BY_THE_PLAN = re.compile(
    r"FUNCTIONS_(EXTENSION_VERSION|WORKER_\w+)|WEBSITE_(RUN_FROM_PACKAGE|CONTENT\w+|TIME_ZONE|MAX_DYNAMIC\w+)"
    r"|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|AzureWebJobs(Storage|Dashboard)"
)


def test_the_settings_of_the_app_are_read_by_somebody() -> None:
    ours = set(re.findall(r'environ\.get\("(\w+)"\)', (APP / "shared/settings/environment.py").read_text()))
    named = set(re.findall(r'"env:(\w+)"', EXAMPLE.read_text()))
    from_vault = {"SMTP_PASSWORD", "API_AUTHORIZATION"}
    set_up = set(variant("everything").settings()) - from_vault
    assert set_up - set(READ_BY_AZURE) == (ours & set_up) | named
    assert set(READ_BY_AZURE) <= set_up
    assert {"MONITOR_CONFIG", "AZURE_CLIENT_ID"} <= ours & set_up
    assert [name for name in set_up if REFUSED_BY_THE_PLAN.fullmatch(name)] == []
    assert set(variant("nothing_given").settings()) == set_up - {"MONITOR_VAULT"}


def test_references_to_the_vault_are_as_azure_reads_them() -> None:
    """The suffix of the vault's name is the cloud's: only a deployment knows it."""
    settings = variant("everything").settings()
    vault = "format('https://{0}{1}', 'example', environment().suffixes.keyvaultDns)"
    assert settings["MONITOR_VAULT"] == f"[{vault}]"
    reference = "[format('@Microsoft.KeyVault(SecretUri={0}/secrets/{1})', " + vault + ", '%s')]"
    assert settings["SMTP_PASSWORD"] == reference % "smtp-password"
    assert settings["API_AUTHORIZATION"] == reference % "api-authorization"


def test_the_settings_file_for_azure_loads_with_what_the_deployment_sets() -> None:
    loaded = load_settings(EXAMPLE, VARIABLES)
    assert not loaded.broken
    (target,) = loaded.targets
    assert loaded.memory.container == VARIABLES["MONITOR_MEMORY"]
    assert target.database.user == VARIABLES["MONITOR_IDENTITY"]
    assert target.database.identity is not None
    assert target.database.identity.client_id == VARIABLES["AZURE_CLIENT_ID"]
    (channel,) = loaded.alerts.channels
    assert isinstance(channel, TeamsChannel)
    assert channel.url.vault is not None
    assert channel.url.vault.url == VARIABLES["MONITOR_VAULT"]
    assert loaded.alerts.viewer_key is not None
    assert loaded.alerts.viewer_key.vault == channel.url.vault
    made = re.findall(r"az keyvault secret set .*--name (monitor-\S+)", (APP / "docs/deploy.md").read_text())
    assert loaded.alerts.link_key is not None
    assert [f"vault:{name}" for name in made] == [loaded.alerts.viewer_key.name, loaded.alerts.link_key.name]


def test_queues_and_storage_are_called_as_the_functions_call_them() -> None:
    constants = {
        node.targets[0].id: node.value.value
        for node in ast.parse((APP / "function_app.py").read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    made = variant("nothing_given").of("Microsoft.Storage/storageAccounts/queueServices/queues")
    queues = [queue["name"].rsplit("/", 1)[1] for queue in made]
    assert queues == [constants["_QUEUE"], f"{constants['_QUEUE']}-poison"]
    settings = variant("nothing_given").settings()
    assert {name.split("__")[0] for name in settings if "__" in name} == {constants["_STORAGE"]}


def test_azd_finds_the_app_by_its_tag() -> None:
    (service,) = re.findall(r"^services:\n  (\w+):", (APP / "azure.yaml").read_text(), re.MULTILINE)
    (app,) = variant("nothing_given").of("Microsoft.Web/sites")
    assert app["tags"]["azd-service-name"] == service


def test_the_runtime_is_one_that_the_requirements_are_made_for() -> None:
    (app,) = variant("nothing_given").of("Microsoft.Web/sites")
    runtime = app["properties"]["functionAppConfig"]["runtime"]
    assert runtime == {"name": "python", "version": "3.13"}
    assert re.search(
        r'^azure-functions==2\.\S+; python_version >= "3\.13"$', (APP / "requirements.txt").read_text(), re.MULTILINE
    )


def test_the_query_for_silence_finds_the_line_of_each_run() -> None:
    query = (INFRA / "modules/silence.kql").read_text()
    (beginning,) = re.findall(r"message startswith '(.+)'", query)
    (trigger,) = re.findall(r'run\.trigger == "(\w+)"', query)
    line = heartbeat(report())
    assert line.startswith(beginning)
    assert json.loads(line)["trigger"] == Trigger(trigger).value == "schedule"
    # Always one row or none, so that no data at all is an alarm as well.
    assert query.splitlines()[-2:] == ["| summarize runs = count()", "| where runs == 0"]


def test_silence_lasts_longer_than_a_target_sleeps_by_default() -> None:
    rule, _ = variant("nothing_given").of("Microsoft.Insights/scheduledQueryRules")
    default = rule["properties"]["windowSize"]
    (target,) = load_settings(EXAMPLE, VARIABLES).targets
    assert timedelta(hours=int(default.removeprefix("PT").removesuffix("H"))) >= 2 * target.interval
