from hashlib import sha256

import pytest

from shared.prisma.parts import recorded_parts

ONE, TWO, BARE = b"CREATE TABLE a ();\nUPDATE a SET b = 1;\n", b"-- Two\nUPDATE c SET d = 2;\n", b"DELETE FROM e;"


def checksum(script: bytes) -> str:
    return sha256(script).hexdigest()


@pytest.mark.parametrize(
    ("script", "parts"),
    [
        pytest.param(ONE + TWO, [ONE, TWO], id="one after the other"),
        pytest.param(TWO + ONE, [TWO, ONE], id="in another order"),
        pytest.param(b"-- squashed\n\n" + ONE + b"\n-- next\n" + TWO, [ONE, TWO], id="with lines between"),
        pytest.param(BARE + b"\n" + ONE, [BARE + b"\n", ONE], id="one that had no line end"),
        pytest.param(ONE.replace(b"1", b"3") + TWO, [TWO], id="one that was changed"),
        pytest.param(b"INSERT INTO x VALUES (1);\n", [], id="nothing of them"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_the_parts_of_a_squash_that_ran_before(script: bytes, parts: list[bytes]) -> None:
    found = recorded_parts(script, {checksum(each) for each in (ONE, TWO, BARE)})
    assert [script[start:end] for start, end in found] == parts


def test_a_script_without_end_is_tried_for_so_long() -> None:
    assert list(recorded_parts(b"SELECT 1;\n" * 5_000 + ONE, {checksum(ONE)})) == []
