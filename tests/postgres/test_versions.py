"""Marks of versions in test data."""

import pytest

from tests.postgres.versions import lines_of_version, of_version


@pytest.mark.parametrize(
    ("piece", "server_version", "expected"),
    [
        ("1_000 since 16", 160000, "1_000"),
        ("1_000 since 16", 159999, None),
        ("1_000 before 16", 160000, None),
        ("1_000 before 16", 150004, "1_000"),
        ("it is since 16 so", 130000, "it is since 16 so"),
        ("a int, -- since 18", 180001, "a int,"),
        ("a int, -- since 18", 170009, None),
    ],
)
def test_a_mark_says_for_which_servers_a_piece_is(piece: str, server_version: int, expected: str | None) -> None:
    assert of_version(piece, server_version) == expected


def test_what_is_left_out_of_a_script_keeps_the_numbers_of_its_lines() -> None:
    assert lines_of_version("one\ntwo -- since 15\nthree", 140000) == "one\n\nthree"
