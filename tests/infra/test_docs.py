"""Every command of the pages that needs Azure or GitHub, with stand-ins for their programs: nothing was tried there."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.entrypoints.cli.main import parser_with
from tests.docs.pages import PAGES, blocks
from tests.infra.stand_ins import Ended, run
from tests.infra.variants import APP, INFRA, variant

PROGRAMS = ("az", "azd", "psql", "git", "gh", "pipx", "migration-monitor", "asked")
BLOCKS = [
    pytest.param(block.text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(each for each in blocks(page) if each.info in {("sh", "azure"), ("sh", "github")})
]
ROUTES = json.loads((APP / "docs/openapi.json").read_text())["paths"]
# What the page has the reader set in an earlier block, or knows.
KNOWN = {"MONITOR_IDENTITY": "id-monitor", "APP": "example", "KEY": "a-key"}
# A person at the keyboard, and the one page of another that is asked.
ANSWERED = 'read() { declare -g "$2=typed"; }; curl() { echo 203.0.113.7; asked "$@" > asked-answered; }'


def executed(block: str, folder: Path) -> Ended:
    script = folder / "block"
    script.write_text(
        f"#!/usr/bin/env bash\nset -euo pipefail\n{ANSWERED}\ncd {folder}\nln -s {APP}/infra infra\n{block}"
    )
    script.chmod(0o755)
    answers = {
        "azd env get-values": ['MONITOR_MEMORY="https://st.blob.core.windows.net/monitor-memory"'],
        " ": ["answer"],
    }
    return run(script, PROGRAMS, folder, answers, KNOWN)


@pytest.mark.parametrize("block", BLOCKS)
def test_it_runs_to_its_end(block: str, tmp_path: Path) -> None:
    ended = executed(block, tmp_path)
    assert (ended.status, re.sub(r"answer|203\.0\.113\.7", "", ended.said).strip()) == (0, "")
    assert ended.calls


@pytest.mark.parametrize("block", BLOCKS)
def test_what_it_calls_exists(block: str, tmp_path: Path) -> None:
    """Variables of the deployment that it sets and asks for, files that it reads, our own commands and their options."""
    settable = set(re.findall(r"\$\{(\w+)", (INFRA / "main.parameters.json").read_text()))
    settable |= {"AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP"}
    settable |= set(re.findall(r"\$\{?(MONITOR_\w+)", (INFRA / "hooks/postdeploy.sh").read_text()))
    for name, *words in executed(block, tmp_path).calls:
        match (name, *words):
            case ("azd", "env", "set", variable, _):
                assert variable in settable
            case ("azd", "env", "get-value", variable):
                assert variable in variant("everything").outputs
            case ("asked", *_):
                url = urlsplit(next(word for word in words if word.startswith("https://")))
                if url.hostname == "example.azurewebsites.net":
                    assert url.path.removeprefix("/api").replace("/production", "/{target}") in ROUTES
            case ("psql", *_):
                assert (APP / words[words.index("-f") + 1]).is_file()
            case ("migration-monitor", *_):
                parser_with(words[:1])[0].parse_args(words)
            case ("az", *_):
                assert "" not in words, words
