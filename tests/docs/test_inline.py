"""Commands within a sentence of a page have the options that they name."""

import re
import shlex
from collections.abc import Iterator

from shared.entrypoints.cli.exits import UsageError
from shared.entrypoints.cli.main import COMMANDS, parser_with
from tests.docs.pages import PAGES, lines
from tests.tables import hold

# What is left open, and the place of any command.
OPEN = re.compile(r"…|\||\bCOMMAND\b")


def commands() -> Iterator[str]:
    for page in PAGES:
        text = "\n".join(line.text for line in lines(page.read_text(encoding="utf-8")) if not line.code)
        yield from (" ".join(found.split()) for found in re.findall(r"`migration-monitor ([^`]+)`", text))


def takes_its_options(command: str) -> None:
    words = shlex.split(command)
    assert words[0] in COMMANDS
    if len(words) == 1:
        return  # the command's name alone
    try:
        parser_with(words[:1])[0].parse_args(words)
    except UsageError as error:
        raise AssertionError(str(error)) from None


def test_every_command_of_a_sentence_takes_its_options() -> None:
    found = {command for command in commands() if OPEN.search(command) is None and not command.startswith("-")}
    assert len(found) > 20
    hold(takes_its_options, sorted(found))
