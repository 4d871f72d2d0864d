"""Names too long for a phone: broken into lines, and still the same once they are copied."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.channels.teams.narrow import WIDEST, broken_command, broken_text

LONG = "20250904_163000_move_folders_and_files_of_archived_projects_to_their_own_table"
IN_LINES = ["20250904_163000_move_folders_and_files_of_", "archived_projects_to_their_own_table"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("20250904_160000_fix_folders_and_files_schema", ["20250904_160000_fix_folders_and_files_schema"], id="fits"),
        pytest.param(LONG, IN_LINES, id="behind an underscore"),
        pytest.param("x" * 100, ["x" * 44, "x" * 44, "x" * 12], id="without one"),
        pytest.param(f"a_{'x' * 60}", [f"a_{'x' * 42}", "x" * 18], id="none in the second half"),
        pytest.param("words between which " * 9, ["words between which " * 9], id="words wrap by themselves"),
        pytest.param("/subscriptions/0/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers", ["/subscriptions/0/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers"], id="paths wrap behind a slash"),
        pytest.param(f"{LONG} and {LONG}.", [IN_LINES[0], f"{IN_LINES[1]} and {IN_LINES[0]}", f"{IN_LINES[1]}."], id="two"),
    ],
)  # fmt: skip
def test_text(text: str, lines: list[str]) -> None:
    assert broken_text(text).split("\n") == lines


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        pytest.param(f"npx prisma migrate resolve --applied {LONG}", [f"npx prisma migrate resolve --applied {IN_LINES[0]}\\", IN_LINES[1]], id="bare"),
        pytest.param(f"migration-monitor silence 'migration {LONG}' --for 4h", [f"migration-monitor silence 'migration {IN_LINES[0]}'\\", f"'{IN_LINES[1]}' --for 4h"], id="in single quotes"),
        pytest.param(f'echo "it\'s {LONG}"', [f'echo "it\'s {IN_LINES[0]}\\', f'{IN_LINES[1]}"'], id="in double quotes"),
        pytest.param(f"psql <<'SQL'\nDROP TABLE {LONG};\nSQL", ["psql <<'SQL'", f"DROP TABLE {LONG};", "SQL"], id="a here-document"),
        pytest.param(f'URL="$(az show --name {LONG})"', [f'URL="$(az show --name {LONG})"'], id="a command within"),
    ],
)  # fmt: skip
def test_command(command: str, lines: list[str]) -> None:
    assert broken_command(command).splitlines() == lines


words = st.text(st.sampled_from("ab_.:1"), min_size=1, max_size=130)
any_word = st.one_of(words, words.map("'{}'".format), words.map('"{}"'.format), st.just('"it\'s"'))
quoted = st.lists(any_word, min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(st.lists(quoted, min_size=1, max_size=4))
def test_a_shell_reads_the_same(arguments: list[list[str]]) -> None:
    command = "printf '<%s>' " + " ".join("".join(pieces) for pieces in arguments)
    broken = broken_command(command)

    def said(script: str) -> str:
        return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout

    assert said(broken) == said(command)


@given(st.text(st.sampled_from("ab_.: 1é"), max_size=300))
def test_nothing_is_lost_and_no_word_is_too_long(text: str) -> None:
    broken = broken_text(text)
    assert broken.replace("\n", "") == text
    assert all(len(word) <= WIDEST for word in broken.replace("\n", " ").split(" "))
