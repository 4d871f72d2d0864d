"""What `accept.toml` accepts, and what is wrong with it."""

from hashlib import sha256

import pytest

from shared.model.release import Acceptance, Migration
from shared.prisma.acceptance import AcceptFile, accepted_predictions, read_acceptances

SCRIPT = b"SELECT 1;\n"
CHECKSUM = sha256(SCRIPT).hexdigest()
OTHER = "0" * 64
HEAD = f'checksum = "{CHECKSUM}"\n'
ENTRY = '[[accepted]]\ncode = "deploy-blocks"\nline = 3\nreason = "small table"\n'
BLOCKS = Acceptance("deploy-blocks", 3, "small table", CHECKSUM)
CODES = "deploy-blocks, deploy-breaks-running-app, deploy-fills-disk, deploy-loses-data, deploy-session-setting"
NO_CHECKSUM = "`checksum` must be the SHA-256 of migration.sql, 64 lower-case digits"
NO_ENTRY = "`[[accepted]]` must stand in it 1 to 500 times"
NO_LINE = "accepted 1: `line` must be the line of migration.sql at which the statement begins"
NO_REASON = "accepted 1: `reason` must be a text of at most 500 characters"


@pytest.mark.parametrize(
    ("content", "accepted", "mistakes"),
    [
        pytest.param(HEAD + ENTRY, (BLOCKS,), (), id="one"),
        pytest.param(
            HEAD + ENTRY + ENTRY.replace("blocks", "loses-data"),
            (BLOCKS, Acceptance("deploy-loses-data", 3, "small table", CHECKSUM)), (), id="two codes of one line",
        ),
        pytest.param(
            HEAD + ENTRY + ENTRY.replace("blocks", "will-fail"), (BLOCKS,),
            ("accepted 2: deploy-will-fail cannot be accepted: the deployment would stop there",), id="what fails",
        ),
        pytest.param(HEAD + ENTRY.replace("blocks", "blokcs"), (), (f"accepted 1: `code` must be one of {CODES}",), id="no such code"),
        pytest.param(HEAD + ENTRY.replace("line = 3", "line = 0"), (), (NO_LINE,), id="no line"),
        pytest.param(HEAD + ENTRY.replace("line = 3", "line = true"), (), (NO_LINE,), id="a line that is no number"),
        pytest.param(HEAD + ENTRY.replace("small table", " "), (), (NO_REASON,), id="an empty reason"),
        pytest.param(HEAD + ENTRY.replace("small table", "x" * 501), (), (NO_REASON,), id="a long reason"),
        pytest.param(
            HEAD + ENTRY + "because = 1\n", (), ("accepted 1: unknown key 'because' (known: code, line, reason)",), id="unknown key",
        ),
        pytest.param(ENTRY, (), (NO_CHECKSUM,), id="no checksum"),
        pytest.param(f'checksum = "{CHECKSUM.upper()}"\n{ENTRY}', (), (NO_CHECKSUM,), id="upper case"),
        pytest.param(HEAD, (), (NO_ENTRY,), id="no entry"),
        pytest.param(f"{HEAD}accepted = 1", (), (NO_ENTRY,), id="entries that are none"),
        pytest.param(f"{HEAD}accepted = [1]", (), ("accepted 1: it must be a table",), id="an entry that is no table"),
        pytest.param(HEAD + ENTRY * 501, (), (NO_ENTRY,), id="too many"),
        pytest.param(
            HEAD + ENTRY.replace("line = 3", "line = 0") * 12, (),
            (*(NO_LINE.replace("1", f"{number}") for number in range(1, 11)), "2 more mistakes"), id="many mistakes",
        ),
        pytest.param(b"\xff", (), ("it is not UTF-8",), id="bytes"),
        pytest.param("x", (), ("it is not TOML: \"Expected '=' after a key in a key/value pair (at end of document)\"",), id="no TOML"),
        pytest.param("x = " + "[" * 9000, (), ("it is not TOML: 'a value cannot be read'",), id="nested without end"),
        pytest.param("x = " + "9" * 9000, (), ("it is not TOML: 'a value cannot be read'",), id="a number of 9000 digits"),
        pytest.param("#" * 70000, (), ("it is larger than 64 KiB",), id="large"),
    ],
)  # fmt: skip
def test_read(content: str | bytes, accepted: tuple[Acceptance, ...], mistakes: tuple[str, ...]) -> None:
    read = read_acceptances(content if isinstance(content, bytes) else content.encode())
    assert read == AcceptFile(accepted, mistakes)


def test_what_is_accepted_holds_for_the_file_that_it_was_written_for() -> None:
    stale = Acceptance("deploy-blocks", 1, "old", OTHER)
    found = accepted_predictions(
        [
            Migration("1", SCRIPT, (BLOCKS,)),
            Migration("2", SCRIPT.replace(b"\n", b"\r\n"), (BLOCKS,)),
            Migration("3", SCRIPT, (stale,)),
            Migration("4", None, (BLOCKS,)),
            Migration("5", SCRIPT),
        ]
    )
    assert dict(found.reasons) == {("1", "deploy-blocks", 3): "small table", ("2", "deploy-blocks", 3): "small table"}
    assert found.mistakes == (
        f"3/accept.toml accepts nothing: its `checksum` is not that of migration.sql, which is {CHECKSUM}",
        "4/accept.toml accepts nothing: there is no migration.sql beside it",
    )
    assert found.codes("1", 3) == {"deploy-blocks"}
    assert found.codes("1", 4) == frozenset()
    assert found.codes("3", 1) == frozenset()
